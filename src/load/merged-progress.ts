import type { Progress } from './protocol.js';

/** A worker that has not said anything yet. */
export const noProgress: Progress = {
  clients: 0,
  connected: 0,
  subscriptions: 0,
  confirmed: 0,
  unfenced: 0,
  unreached: [],
  fencesSent: 0,
  canariesSent: 0,
  sentWarmup: 0,
  sent: 0,
  heldSends: 0,
  droppedSends: 0,
  deliveries: 0,
  drainSent: 0,
  drainArrived: 0,
  drainExpected: 0,
  failedConnects: 0,
  connectPeakPerSecond: 0,
  lastConnectError: undefined,
};

function addMatrices(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): readonly (readonly number[])[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  return a.map((row, i) => row.map((cell, j) => cell + (b[i]?.[j] ?? 0)));
}

/** The sum of two workers' progress. Peaks are added too: the workers connect at the same time. */
export function addProgress(a: Progress, b: Progress): Progress {
  return {
    clients: a.clients + b.clients,
    connected: a.connected + b.connected,
    subscriptions: a.subscriptions + b.subscriptions,
    confirmed: a.confirmed + b.confirmed,
    unfenced: a.unfenced + b.unfenced,
    unreached: addMatrices(a.unreached, b.unreached),
    fencesSent: a.fencesSent + b.fencesSent,
    canariesSent: a.canariesSent + b.canariesSent,
    sentWarmup: a.sentWarmup + b.sentWarmup,
    sent: a.sent + b.sent,
    heldSends: a.heldSends + b.heldSends,
    droppedSends: a.droppedSends + b.droppedSends,
    deliveries: a.deliveries + b.deliveries,
    drainSent: a.drainSent + b.drainSent,
    drainArrived: a.drainArrived + b.drainArrived,
    drainExpected: a.drainExpected + b.drainExpected,
    failedConnects: a.failedConnects + b.failedConnects,
    connectPeakPerSecond: a.connectPeakPerSecond + b.connectPeakPerSecond,
    lastConnectError: b.lastConnectError ?? a.lastConnectError,
  };
}
