import { sleep } from '../core/clock.js';

const batches = 10;
const pauseMs = 100;

/**
 * Does something to many clients in up to ten batches, a tenth of a second apart, so that they do not all
 * come back in the same moment.
 * @param smallestBatch how many are no crowd: fewer batches where ten would be smaller
 */
export async function inBatches<T>(all: readonly T[], smallestBatch: number, act: (one: T) => void): Promise<void> {
  const size = Math.max(smallestBatch, Math.ceil(all.length / batches));
  for (let i = 0; i < all.length; i += size) {
    if (i > 0) await sleep(pauseMs);
    for (const one of all.slice(i, i + size)) act(one);
  }
}
