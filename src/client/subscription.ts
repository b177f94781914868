/**
 * One destination that a client listens to, over all its sessions. A plain record, because there may be
 * tens of thousands of them in a worker.
 */
export interface Subscription {
  /** Index of the client. */
  readonly client: number;
  /** Number within the client; on the wire the subscription's `id`. */
  readonly id: number;
  /** Index in the plan. */
  readonly destination: number;
  /** `asked` has been written with a position: what comes before its RECEIPT is a replay. */
  state: 'off' | 'written' | 'asked' | 'confirmed' | 'unsubscribing';
  /** The last position seen, where the server gives positions. */
  epoch: string | undefined;
  offset: number | undefined;
  writtenAtMicros: number;
  /** When and at which node it was confirmed. */
  confirmedAtMicros: number;
  node: number;
  /** When something came on it last, whatever it was; 0 before. */
  heardAtMicros: number;
  /** When the first fence was sent for it since it was confirmed; 0 before. */
  askedAtMicros: number;
  /** Bit n: a fence from origin n came since it was confirmed. */
  fencedFrom: number;
  /** Which publishers' last fences came, by their rank at the destination; there only during the drain. */
  drainedFrom: Uint8Array | undefined;
}

export function createSubscription(client: number, id: number, destination: number): Subscription {
  return {
    client,
    id,
    destination,
    state: 'off',
    epoch: undefined,
    offset: undefined,
    writtenAtMicros: 0,
    confirmedAtMicros: 0,
    node: -1,
    heardAtMicros: 0,
    askedAtMicros: 0,
    fencedFrom: 0,
    drainedFrom: undefined,
  };
}
