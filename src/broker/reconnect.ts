import { fullJitterMs } from '../core/backoff.js';
import { sleep } from '../core/clock.js';
import { createRandom, randomSeed } from '../core/random.js';

const baseMs = 100;
const maxMs = 5_000;

/**
 * Tries with full jitter until it succeeds; a failure now says nothing about the next minute.
 * Resolves as well, without success, when the signal is aborted.
 */
export async function reconnect(attempt: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const random = createRandom(randomSeed());
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await sleep(fullJitterMs(failures, { baseMs, maxMs, random }), signal);
      await attempt();
      return;
    } catch {
      // Failing is what an absent broker does; the broker's status says so until an attempt succeeds.
    }
  }
}
