import { clientCount } from './preflight.js';
import type { ClientGroup } from './scenario.js';

/** First connects per second and worker, unless a group says otherwise. */
export const connectRatePerSecond = 500;
/** What a busy machine needs beside the rate. */
const leastMs = 30_000;
/** Twelve days; a timer counts no further than twice that. */
const mostMs = 2 ** 30;

/** How long it may take until all clients are connected: twice as long as at the slowest rate, and half a minute. */
export function rampTimeoutMs(clients: readonly ClientGroup[]): number {
  const rates = clients.map((group) => group.connect.ratePerSecond ?? Number.POSITIVE_INFINITY);
  const slowestPerSecond = Math.min(...rates, connectRatePerSecond);
  return Math.min(leastMs + (clientCount({ clients }) / slowestPerSecond) * 2_000, mostMs);
}
