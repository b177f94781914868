import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import type { Account } from '../../src/record/account.js';
import { createLedger } from '../../src/record/ledger.js';
import type { LiveCounters } from '../../src/record/live.js';
import { generatedHistory } from './generated-history.js';
import { batchOf } from './history-rows.js';
import { batchesOf, randomHistory, slowed } from './random-history.js';
import { keptRecordings } from './recorded-history.js';
import { brokenContracts, disagreementOn, disagreementOnSeed, withoutZeros } from './second-checker.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function settle(history: ReturnType<typeof randomHistory>, batches: ReturnType<typeof batchesOf>): Account {
  const { plan, end } = history;
  const ledger = createLedger(plan, { deadlineMs: end.deadlineMicros / 1000 });
  for (const batch of batches) ledger.add(batch);
  return ledger.settle(end);
}

/** `npm run verify` compares five times as many. */
const historyCount = 2000;

test(`A naive checker written from the definitions agrees on ${historyCount} random histories`, () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { ledger, naive } = disagreementOnSeed(seed) ?? {};
      expect(ledger).toEqual(naive);
    }),
    { numRuns: historyCount },
  );
});

test('The naive checker agrees on what was recorded of real runs, and on what a sound system leaves behind', () => {
  for (const history of [...keptRecordings(), ...Array.from({ length: 30 }, (_, seed) => generatedHistory(seed))]) {
    const { ledger, naive } = disagreementOn(history.plan, batchOf(history), history.end) ?? {};
    expect(ledger, history.name).toEqual(naive);
  }
});

test('Random histories are no idle ones: every outcome, cause, reason and broken contract occurs among them', () => {
  const seen = new Set<string>();
  const broken = new Set<string>();
  for (let seed = 0; seed < 400; seed++) {
    const history = randomHistory(seed);
    const account = settle(history, batchesOf(history.workers[0] ?? []));
    broken.add(brokenContracts(account).join(', '));
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
  const mixtures = ['', 'at-most-once', 'steady, at-most-once', 'steady, at-least-once, at-most-once'];
  expect([...broken]).toEqual(expect.arrayContaining(mixtures));
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

/** Slow enough that the margins within which a ledger keeps everything are short against the history. */
const slowness = 300;

test('A ledger that forgets whenever it can says the same as one that does not', () => {
  let forgotten = 0;
  fc.assert(
    fc.property(seeds, fc.array(fc.integer({ min: 0, max: 79 }), { maxLength: 12 }), (seed, cuts) => {
      const { plan, workers, ...history } = randomHistory(seed);
      const end = slowed(history.end, slowness);
      const [whole, forgetful] = [0, 1].map(() => createLedger(plan, { deadlineMs: end.deadlineMicros / 1000 }));
      if (whole === undefined || forgetful === undefined) throw new Error('two ledgers');
      const sorted = cuts.toSorted((a, b) => a - b);
      batchesOf(workers[0] ?? [], sorted, slowness).forEach((facts, index) => {
        const nowMicros = (sorted[index] ?? 80) * 1000 * slowness;
        for (const ledger of [whole, forgetful]) ledger.add(facts);
        forgotten += forgetful.forget({ ...end, nowMicros }, nowMicros);
        const [{ responses: _, ...seen }, { responses: __, ...seenByWhole }] = [forgetful, whole].map((ledger) =>
          ledger.live(nowMicros),
        ) as [LiveCounters, LiveCounters];
        expect(seen).toEqual(seenByWhole);
      });
      const { distributions, ...account } = forgetful.settle(end);
      const { distributions: others, ...expected } = whole.settle(end);
      expect(account).toEqual(expected);
      expect(distributions.response.maxMs).toBe(others.response.maxMs);
    }),
    { numRuns: 1000 },
  );
  expect(forgotten).toBeGreaterThan(300);
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
