/** Counters of one worker, written by its clients as things happen; never part of the facts. */
export interface Tally {
  connected: number;
  confirmed: number;
  /** Subscriptions that clients did not take up again when they came back, or ended for a while on purpose. */
  forsaken: number;
  failedConnects: number;
  lastConnectError: string | undefined;
  /** Every MESSAGE of ours, fences and duplicates included. */
  deliveries: number;
  sentWarmup: number;
  sent: number;
  heldSends: number;
  droppedSends: number;
  /** Publishes of the load that wait for their RECEIPT. */
  unsettled: number;
  fencesSent: number;
  canariesSent: number;
  drainSent: number;
  drainArrived: number;
}

export function emptyTally(): Tally {
  return {
    connected: 0,
    confirmed: 0,
    forsaken: 0,
    failedConnects: 0,
    lastConnectError: undefined,
    deliveries: 0,
    sentWarmup: 0,
    sent: 0,
    heldSends: 0,
    droppedSends: 0,
    unsettled: 0,
    fencesSent: 0,
    canariesSent: 0,
    drainSent: 0,
    drainArrived: 0,
  };
}
