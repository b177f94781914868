import { expect, test } from 'vitest';
import { factsEarlier } from '../../src/load/facts-earlier.js';
import type { FactBatch } from '../../src/record/history.js';
import { createHistoryWriter } from '../record/history-writer.js';

/** One fact of each kind that has a time, later by so many milliseconds. */
function batch(laterMs: number): FactBatch {
  const at = (ms: number): number => ms + laterMs;
  return createHistoryWriter()
    .opened(1, 1, 0, at(1))
    .subscribed(1, 1, 0, at(2), at(3))
    .silent(1, 1, 0, at(3))
    .heard(1, 1, 0, at(4000), { delayed: false })
    .unexpected(1, 'corrupt', at(4001))
    .sent([1, 1, 0, 1], at(4002))
    .arrived(1, 1, [1, 1, 0, 1], at(4003))
    .unsubscribed(1, 1, 0, at(4004), at(4005))
    .closed(1, 1, at(5000), { lastByteMs: at(4900) })
    .take();
}

test('every time in the facts of a clock that is ahead is moved by the same', () => {
  expect(factsEarlier(batch(700), 700_000)).toEqual(batch(0));
});
