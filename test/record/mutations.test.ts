import { expect, test } from 'vitest';
import { createRandom, type Random } from '../../src/core/random.js';
import { arrivalMark } from '../../src/record/history.js';
import type { Cause } from '../../src/record/result.js';
import { type Arrival, type CleanHistory, cleanHistory, factsOf } from './clean-history.js';
import { accountOf } from './history-writer.js';

/** Set CLUSTER_CHAT_RANDOM_HISTORIES for a longer search than a normal run has time for. */
const historyCount = Number(process.env['CLUSTER_CHAT_RANDOM_HISTORIES'] ?? 1000);
const mutationsEach = 4;

type Problems = Readonly<Record<string, unknown>>;

/** Everything in an account that is not a plain success. A clean history has none of it. */
function problems(history: CleanHistory): Problems {
  const account = accountOf(history.plan, factsOf(history));
  const { late, missing, requiredMissing, reordered, recovered, indeterminate, rejected, absent } = account.delivery;
  const { delivery, duplicates, missingByCause, unexpectedByReason } = account;
  expect(delivery.once + late + missing + absent).toBe(delivery.attempted);
  const counts = { late, missing, requiredMissing, reordered, recovered, indeterminate, rejected, absent };
  return Object.fromEntries(
    Object.entries({ ...counts, ...duplicates, ...missingByCause, ...unexpectedByReason }).filter(
      ([, count]) => count > 0,
    ),
  );
}

interface Mutated {
  readonly history: CleanHistory;
  readonly expected: Problems;
}
type Mutation = (history: CleanHistory, random: Random) => Mutated | undefined;

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random.int(values.length)] as Value;
}

const isSame = (a: Arrival, b: Arrival): boolean => a.id.every((part, index) => part === b.id[index]);
const isSameStream = (a: Arrival, b: Arrival): boolean => a.id.slice(0, 3).every((part, index) => part === b.id[index]);
const without = (history: CleanHistory, lost: Arrival): CleanHistory => ({
  ...history,
  arrivals: history.arrivals.filter((arrival) => arrival !== lost),
});

/** What remains to be seen of a dropped message by those who look at the other subscribers. */
function causeOfDrop({ arrivals, nodes }: CleanHistory, lost: Arrival): Cause {
  const others = arrivals.filter((arrival) => arrival !== lost && isSame(arrival, lost));
  const node = nodes[lost.subscriber];
  if (others.some(({ subscriber }) => nodes[subscriber] === node)) return 'never-relayed';
  return others.length > 0 || nodes[lost.id[0]] !== node ? 'broker-gap' : 'unexplained';
}

function lossAtTheEnd(history: CleanHistory, random: Random, isInside: boolean): Mutated | undefined {
  const last = history.messages.at(-1);
  if (last?.ackedMs === undefined) return undefined;
  const lost = pick(
    random,
    history.arrivals.filter(({ id }) => id === last.id),
  );
  const lastByteMs = isInside ? last.ackedMs : last.ackedMs - 0.5;
  return {
    history: { ...without(history, lost), loss: { client: lost.subscriber, lastByteMs, atMs: last.ackedMs + 20 } },
    expected: { missing: 1, 'in-flight': 1, ...(isInside ? { requiredMissing: 1 } : {}) },
  };
}

const mutations: Readonly<Record<string, Mutation>> = {
  drop(history, random) {
    const lost = pick(random, history.arrivals);
    const expected = { missing: 1, requiredMissing: 1, [causeOfDrop(history, lost)]: 1 };
    return { history: without(history, lost), expected };
  },
  duplicate(history, random) {
    const doubled = pick(random, history.arrivals);
    const again = { ...doubled, atMs: doubled.atMs + random.int(3) };
    return { history: { ...history, arrivals: [...history.arrivals, again] }, expected: { sameSession: 1 } };
  },
  'duplicate with a mark'(history, random) {
    const again = { ...pick(random, history.arrivals), marks: arrivalMark.redelivered };
    return { history: { ...history, arrivals: [...history.arrivals, again] }, expected: { redelivered: 1 } };
  },
  reorder(history, random) {
    const swaps = history.arrivals.flatMap((early, index) => {
      const late = history.arrivals.findIndex(
        (each, other) => other > index && each.subscriber === early.subscriber && isSameStream(each, early),
      );
      return late < 0 ? [] : [[index, late] as const];
    });
    if (swaps.length === 0) return undefined;
    const [first, second] = pick(random, swaps);
    const arrivals = history.arrivals.slice();
    const [a, b] = [arrivals[first] as Arrival, arrivals[second] as Arrival];
    // Both come when the later one came: a message cannot arrive before it was sent.
    arrivals[first] = { ...b, atMs: b.atMs };
    arrivals[second] = { ...a, atMs: b.atMs };
    return { history: { ...history, arrivals }, expected: { reordered: 1 } };
  },
  corrupt(history, random) {
    const lost = pick(random, history.arrivals);
    const expected = { corrupt: 1, missing: 1, requiredMissing: 1, [causeOfDrop(history, lost)]: 1 };
    return { history: { ...without(history, lost), unexpected: ['corrupt'] }, expected };
  },
  'foreign run'(history) {
    return { history: { ...history, unexpected: ['foreign-run'] }, expected: { 'foreign-run': 1 } };
  },
  'foreign id'(history, random) {
    const arrival = pick(random, history.arrivals);
    const [publisher, epoch, destination, sequence] = arrival.id;
    const id =
      random.int(2) === 0
        ? ([publisher, epoch, destination, sequence + 100] as const)
        : ([99, 1, destination, 1] as const);
    return {
      history: { ...history, arrivals: [...history.arrivals, { ...arrival, id }] },
      expected: { 'unknown-message': 1 },
    };
  },
  delay(history, random) {
    const last = history.arrivals.filter(
      (each, index) =>
        !history.arrivals.some(
          (later, other) => other > index && later.subscriber === each.subscriber && isSameStream(later, each),
        ),
    );
    const delayed = pick(random, last);
    const written = history.messages.find(({ id }) => id === delayed.id)?.writtenMs ?? 0;
    const isLate = random.int(2) === 0;
    const moved = { ...delayed, atMs: written + 5000 + (isLate ? 0.001 : 0) };
    return {
      history: { ...history, arrivals: [...without(history, delayed).arrivals, moved] },
      expected: isLate ? { late: 1 } : {},
    };
  },
  'drop just inside a window': (history, random) => lossAtTheEnd(history, random, true),
  'drop across the edge of a window': (history, random) => lossAtTheEnd(history, random, false),
  'receipt removed'(history, random) {
    const forgotten = pick(random, history.messages);
    const messages = history.messages.map((each) => (each === forgotten ? { ...each, ackedMs: undefined } : each));
    return { history: { ...history, messages }, expected: { indeterminate: 1, recovered: 1 } };
  },
};

test(`${historyCount} clean histories raise nothing, and each single change of one is flagged for what it is`, () => {
  const seen = new Map<string, number>();
  for (let seed = 0; seed < historyCount; seed++) {
    const clean = cleanHistory(seed);
    expect({ seed, problems: problems(clean) }).toEqual({ seed, problems: {} });
    const random = createRandom(seed).fork('mutations');
    for (let i = 0; i < mutationsEach; i++) {
      const name = pick(random, Object.keys(mutations));
      const mutated = mutations[name]?.(clean, random);
      if (mutated === undefined) continue;
      seen.set(name, (seen.get(name) ?? 0) + 1);
      expect({ seed, name, problems: problems(mutated.history) }).toEqual({ seed, name, problems: mutated.expected });
    }
  }
  for (const name of Object.keys(mutations)) expect(seen.get(name), name).toBeGreaterThan(historyCount / 20);
});
