import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import type { Account } from '../../src/record/account.js';
import { createLedger } from '../../src/record/ledger.js';
import { checkNaively } from './naive-checker.js';
import { batchesOf, randomHistory } from './random-history.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function withoutZeros(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

function settle(history: ReturnType<typeof randomHistory>, batches: ReturnType<typeof batchesOf>): Account {
  const { plan, end } = history;
  const ledger = createLedger(plan, { deadlineMs: end.deadlineMicros / 1000 });
  for (const batch of batches) ledger.add(batch);
  return ledger.settle(end);
}

/** Set CLUSTER_CHAT_RANDOM_HISTORIES for a longer search than a normal run has time for. */
const historyCount = Number(process.env['CLUSTER_CHAT_RANDOM_HISTORIES'] ?? 2000);

test(`A naive checker written from the definitions agrees on ${historyCount} random histories`, () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const history = randomHistory(seed);
      const [batch] = batchesOf(history.workers[0] ?? []);
      if (batch === undefined) throw new Error('no batch');
      const naive = checkNaively(history.plan, batch, history.end);
      const account = settle(history, [batch]);
      const { once, late, required, requiredMissing, reordered, recovered } = account.delivery;
      const unexcused = {
        unexcusedMissing: account.unexcused.missing,
        unexcusedDuplicate: account.unexcused.duplicate,
        unexcusedReordered: account.unexcused.reordered,
      };
      const counts = {
        once,
        late,
        required,
        requiredMissing,
        reordered,
        recovered,
        ...account.duplicates,
        ...unexcused,
      };
      expect({
        counts: withoutZeros(counts),
        missing: account.missingByCause,
        absent: withoutZeros(account.absentByCause),
        unexpected: withoutZeros(account.unexpectedByReason),
        required: account.reach.required,
        arrived: account.reach.arrived,
      }).toEqual(naive);
    }),
    { numRuns: historyCount },
  );
});

test('Random histories are no idle ones: every outcome, cause and reason occurs among them', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 400; seed++) {
    const history = randomHistory(seed);
    const account = settle(history, batchesOf(history.workers[0] ?? []));
    for (const counts of [
      account.missingByCause,
      account.absentByCause,
      account.unexpectedByReason,
      account.duplicates,
      account.delivery,
    ]) {
      for (const name of Object.keys(withoutZeros({ ...counts }))) seen.add(name);
    }
  }
  const expected = ['not-subscribed', 'subscription-race', 'slow-consumer', 'origin-died', 'broker-gap', 'in-flight'];
  expected.push(
    'never-relayed',
    'unexplained',
    'rejected',
    'unacked',
    'before-subscription',
    'after-end',
    'unsubscribed',
  );
  expected.push(
    'outside-window',
    'unknown-message',
    'rejected-message',
    'sameSession',
    'acrossSessions',
    'redelivered',
  );
  expect([...seen]).toEqual(expect.arrayContaining([...expected, 'once', 'late', 'reordered', 'recovered']));
});

/** Interleaves the batches of several workers at random, each worker's own in their order. */
function interleave<Item>(queues: Item[][], seed: number): Item[] {
  const random = createRandom(seed);
  const result: Item[] = [];
  let open = queues.filter((queue) => queue.length > 0);
  while (open.length > 0) {
    const next = open[random.int(open.length)]?.shift();
    if (next !== undefined) result.push(next);
    open = open.filter((queue) => queue.length > 0);
  }
  return result;
}

test('The account does not depend on how batches of different workers interleave', () => {
  fc.assert(
    fc.property(seeds, seeds, fc.array(fc.integer({ min: 0, max: 80 }), { maxLength: 5 }), (seed, order, cuts) => {
      const history = randomHistory(seed, 3);
      const sorted = cuts.toSorted((a, b) => a - b);
      const whole = settle(
        history,
        history.workers.flatMap((facts) => batchesOf(facts)),
      );
      const queues = history.workers.map((facts) => batchesOf(facts, sorted));
      const { distributions, ...account } = settle(history, interleave(queues, order));
      const { distributions: others, ...expected } = whole;
      expect(account).toEqual(expected);
      expect(distributions.response.maxMs).toBe(others.response.maxMs);
    }),
    { numRuns: 500 },
  );
});

test('Settling twice says the same, and a look at the live counters changes nothing', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const history = randomHistory(seed);
      const { plan, end } = history;
      const ledger = createLedger(plan, { deadlineMs: end.deadlineMicros / 1000 });
      for (const batch of batchesOf(history.workers[0] ?? [], [20, 40])) {
        ledger.add(batch);
        ledger.live(30_000);
      }
      const { distributions: _, ...first } = ledger.settle(end);
      const { distributions: __, ...second } = ledger.settle(end);
      const { distributions: ___, ...untouched } = settle(history, batchesOf(history.workers[0] ?? [], [20, 40]));
      expect(second).toEqual(first);
      expect(first).toEqual(untouched);
    }),
    { numRuns: 200 },
  );
});
