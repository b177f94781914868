import type { Clocks } from '../record/clocks.js';
import type { ClockOffset } from './clock-offset.js';
import { workerOf } from './plan.js';

/** What the clocks of all workers, by worker, mean for the times of their clients. */
export function clocksOf(offsets: readonly Pick<ClockOffset, 'doubtMicros'>[]): Clocks {
  const doubtOf = (client: number): number => offsets[workerOf(client, offsets.length)]?.doubtMicros ?? 0;
  return {
    doubtOf,
    doubtBetween(a, b) {
      // Times of one worker went through the same correction: whatever is wrong with it cancels out.
      return workerOf(a, offsets.length) === workerOf(b, offsets.length) ? 0 : doubtOf(a) + doubtOf(b);
    },
    worstDoubt: () => 2 * Math.max(0, ...offsets.map((offset) => offset.doubtMicros)),
  };
}
