import { nowMs, sleep } from '../core/clock.js';
import type { Workers } from '../load/gather.js';

/** For so long nobody may be away: right after a fault not every client has noticed it, nor every worker said so. */
const steadyMs = 1000;
const askEveryMs = 50;

/** Whether each client is connected and everything that it subscribed is confirmed, as the workers last told. */
function isEverybodyBack(workers: Workers): boolean {
  const { connected, clients, confirmed, subscriptions } = workers.progress();
  return connected >= clients && confirmed >= subscriptions;
}

/**
 * Resolves when every worker has told that for a whole second: one that stands still has not noticed the fault either.
 * Rejects when the signal is aborted.
 */
export async function everybodyBack(workers: Workers, signal: AbortSignal): Promise<void> {
  let sinceMs: number | undefined;
  for (;;) {
    if (!isEverybodyBack(workers)) sinceMs = undefined;
    else sinceMs ??= nowMs();
    if (sinceMs !== undefined && workers.toldAtMs() - sinceMs >= steadyMs) return;
    await sleep(askEveryMs, signal);
  }
}
