import { expect, test } from 'vitest';
import { DrainBook, publishersByDestination, subscriberCounts } from '../../src/client/drain.js';
import { createSubscription } from '../../src/client/subscription.js';
import { emptyTally } from '../../src/client/tally.js';
import { planRun } from '../../src/load/plan.js';
import { groupOf, specOf } from '../load/spec.js';

const { plan } = planRun(specOf({ groups: [groupOf(), groupOf({ name: 'listeners', count: 3, send: undefined })] }));

test('a destination has its publishers and its subscribers, listeners among them', () => {
  expect(publishersByDestination(plan).map((publishers) => publishers.length)).toEqual([10, 10, 10]);
  expect(subscriberCounts(plan)).toEqual([11, 11, 11]);
});

test('the drain book expects one last fence for each publisher and subscription, and counts each once', () => {
  const tally = emptyTally();
  const book = new DrainBook(plan, tally);
  expect(book.expected([0, 1, 2])).toBe(30);
  const subscription = createSubscription(12, 0, 1);
  for (let round = 0; round < 2; round++) {
    for (let publisher = 10; publisher < 20; publisher++) book.arrived(subscription, publisher);
  }
  expect(tally.drainArrived).toBe(10);
});

test('a last fence of somebody who does not publish there counts for nothing', () => {
  const tally = emptyTally();
  const book = new DrainBook(plan, tally);
  // Of another room, a listener, nobody at all.
  for (const publisher of [0, 29, 31, 9999]) book.arrived(createSubscription(12, 0, 1), publisher);
  expect(tally.drainArrived).toBe(0);
});
