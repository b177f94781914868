import { expect, test } from 'vitest';
import { nowMs } from '../../src/core/clock.js';
import { inBatches } from '../../src/server/in-batches.js';

test.each([
  [300, 1, 30],
  [300, 50, 50],
  [7, 50, 7],
])('%i are met in turn, a batch each tenth of a second, no batch smaller than %i', async (count, smallest, size) => {
  const met: { readonly one: number; readonly atMs: number }[] = [];
  const all = Array.from({ length: count }, (_, index) => index);
  await inBatches(all, smallest, (one) => met.push({ one, atMs: nowMs() }));
  expect(met.map(({ one }) => one)).toEqual(all);
  // From the last of one batch to the first of the next; a timer may be early by less than a millisecond.
  const pauses = met.flatMap(({ atMs }, index) =>
    index > 0 && index % size === 0 ? [atMs - (met[index - 1]?.atMs ?? 0)] : [],
  );
  expect(pauses).toHaveLength(Math.ceil(count / size) - 1);
  for (const pause of pauses) expect(pause).toBeGreaterThan(98);
});
