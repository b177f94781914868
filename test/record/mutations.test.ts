import { expect, test } from 'vitest';
import { runMutations } from './mutation-run.js';
import { keptRecordings } from './recorded-history.js';

/** \`npm run verify\` goes through ten times as many. */
const size = { histories: 100, mutations: 1000 };

test(`${size.histories} clean histories raise nothing, and each of ${size.mutations} changes is flagged for what it is`, () => {
  const recorded = keptRecordings();
  expect(recorded.map(({ name }) => name)).toEqual(['drain', 'forgetful', 'hang', 'kill', 'private', 'steady']);
  const { misjudged, byName, mutations } = runMutations(recorded, size);
  expect(misjudged).toEqual([]);
  expect(mutations).toBe(size.mutations);
  for (const [name, count] of byName) expect(count, name).toBeGreaterThanOrEqual(10);
});
