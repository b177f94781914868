import { nowMs } from '../../core/clock.js';
import { createRandom } from '../../core/random.js';
import { pauseFor } from '../pause-for.js';
import { bothWays, type Toxic } from '../toxic.js';

export interface LatencySpec {
  readonly type: 'latency';
  readonly delayMs: number;
  /** Each piece is delayed by so much more or less, evenly spread. */
  readonly jitterMs: number;
  readonly seed: number;
}

/**
 * Everything comes later, each way, and in order: a piece that may go earlier waits for the one before it. Counted from
 * when it was read, so that pieces wait side by side and the delay costs no throughput.
 */
export function latency({ delayMs, jitterMs, seed }: LatencySpec): Toxic {
  return {
    directions: bothWays,
    begin({ label, signal }) {
      const random = createRandom(seed).fork(label);
      return async (piece, next) => {
        const jitter = (random.next() * 2 - 1) * jitterMs;
        await pauseFor(piece.atMs + Math.max(0, delayMs + jitter) - nowMs(), signal);
        await next(piece);
      };
    },
  };
}
