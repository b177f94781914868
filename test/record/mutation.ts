import type { Random } from '../../src/core/random.js';
import { type Clocks, oneClock } from '../../src/record/clocks.js';
import { createLedger } from '../../src/record/ledger.js';
import type { Cause } from '../../src/record/result.js';
import type { HistoryReading } from './history-reading.js';
import { batchOf, type HistoryRows } from './history-rows.js';

/** How much each count of an account differs from another; what does not differ is left out. */
export type Delta = Readonly<Record<string, number>>;

/** What an account says of the change; `nothing` where the definitions allow it. */
export type Flag =
  | 'missing'
  | 'late'
  | 'duplicate'
  | 'reordered'
  | 'unexpected'
  | 'indeterminate'
  | 'absent'
  | 'nothing';

export interface Mutated {
  readonly history: HistoryRows;
  /** Every count that must differ from the account of the history before, and by how much. */
  readonly expected: Delta;
}

/** One change of a history. */
export interface Mutation {
  readonly name: string;
  /** The class in which it must be flagged. */
  readonly flagged: Flag;
  /** undefined when the history has no place for it. */
  readonly apply: (reading: HistoryReading, random: Random) => Mutated | undefined;
}

/** The sum of several deltas. */
export function together(...deltas: readonly Delta[]): Delta {
  const sum: Record<string, number> = {};
  for (const delta of deltas) {
    for (const [name, count] of Object.entries(delta)) sum[name] = (sum[name] ?? 0) + count;
  }
  return withoutZeros(sum);
}

function withoutZeros(counts: Delta): Delta {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

/** One pair more that is missing. */
export function missingPair(cause: Cause, how: { isRequired: boolean; isExcused: boolean }): Delta {
  return {
    ...{ missing: 1, [`missing:${cause}`]: 1 },
    ...(how.isRequired ? { requiredMissing: 1 } : {}),
    ...(how.isExcused ? {} : { 'unexcused:missing': 1 }),
    ...(cause === 'unexplained' ? { unexplained: 1 } : {}),
  };
}

/** Every count of the account of a history. */
export function countsOf(history: HistoryRows, clocks: Clocks = oneClock): Delta {
  const { plan, end } = history;
  const ledger = createLedger(plan, { deadlineMs: end.deadlineMicros / 1000, clocks });
  ledger.add(batchOf(history));
  const account = ledger.settle(end);
  const parts = {
    missing: account.missingByCause,
    absent: account.absentByCause,
    duplicate: account.duplicates,
    unexpected: account.unexpectedByReason,
    unexcused: account.unexcused,
  };
  const named = Object.entries(parts).flatMap(([part, counts]) =>
    Object.entries(counts).map(([name, count]) => [`${part}:${name}`, count] as const),
  );
  return { ...account.delivery, ...Object.fromEntries(named) };
}

/** How the second account differs from the first. */
export function deltaOf(before: Delta, after: Delta): Delta {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return withoutZeros(Object.fromEntries([...names].map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)])));
}

/** Everything in an account of which a sound system has none. */
export function complaints(counts: Delta, { end }: HistoryRows): Delta {
  const never = ['requiredMissing', 'unexpected', 'unexplained', 'duplicate', 'reordered'];
  const unexcused = ['unexcused:missing', 'unexcused:duplicate', 'unexcused:reordered'];
  const names = [...never, ...unexcused, ...(end.excused.length === 0 ? ['missing'] : [])];
  return deltaOf({}, Object.fromEntries(names.map((name) => [name, counts[name] ?? 0])));
}
