import type { FaultFact } from '../../src/record/account.js';
import type {
  ArrivalColumns,
  Column,
  FactBatch,
  Plan,
  PublishColumns,
  SessionFact,
  SettlementColumns,
} from '../../src/record/history.js';
import type { Interval } from '../../src/record/interval.js';

export type Row<Columns> = { readonly [Name in keyof Columns]: number };
export type PublishRow = Row<PublishColumns>;
export type SettlementRow = Row<SettlementColumns>;
export type ArrivalRow = Row<ArrivalColumns>;

/** A whole history as rows, so that one of them can be changed and everything else stays. */
export interface HistoryRows {
  readonly name: string;
  readonly plan: Plan;
  readonly sessions: readonly SessionFact[];
  readonly publishes: readonly PublishRow[];
  readonly settlements: readonly SettlementRow[];
  /** Of one subscriber in the order in which they came. */
  readonly arrivals: readonly ArrivalRow[];
  readonly end: HistoryEnd;
}

export interface HistoryEnd {
  readonly nowMicros: number;
  readonly deadlineMicros: number;
  readonly faults: readonly FaultFact[];
  readonly excused: readonly Interval[];
}

const names = {
  publishes: ['publisher', 'epoch', 'destination', 'sequence', 'intendedAtMicros', 'writtenAtMicros', 'held'],
  settlements: ['publisher', 'epoch', 'destination', 'sequence', 'outcome', 'atMicros'],
  arrivals: ['subscriber', 'session', 'publisher', 'epoch', 'destination', 'sequence', 'atMicros', 'marks'],
} as const;

function toColumns<Name extends string>(
  columns: readonly Name[],
  rows: readonly { readonly [Key in Name]: number }[],
): Record<Name, number[]> {
  return Object.fromEntries(columns.map((name) => [name, rows.map((row) => row[name])])) as Record<Name, number[]>;
}

function toRows<Name extends string>(
  columns: readonly Name[],
  of: { readonly [Key in Name]: Column },
): Record<Name, number>[] {
  const [first = 'none' as Name] = columns;
  const row = (i: number) => Object.fromEntries(columns.map((name) => [name, of[name][i]])) as Record<Name, number>;
  return Array.from({ length: of[first].length }, (_, i) => row(i));
}

/** All facts in one batch. */
export function batchOf({
  sessions,
  publishes,
  settlements,
  arrivals,
}: Omit<HistoryRows, 'name' | 'plan' | 'end'>): FactBatch {
  return {
    sessions,
    publishes: toColumns(names.publishes, publishes),
    settlements: toColumns(names.settlements, settlements),
    arrivals: toColumns(names.arrivals, arrivals),
  };
}

/** The facts of several batches, one after the other. */
export function rowsOf(batches: readonly FactBatch[]): Omit<HistoryRows, 'name' | 'plan' | 'end'> {
  return {
    sessions: batches.flatMap((batch) => batch.sessions),
    publishes: batches.flatMap((batch) => toRows(names.publishes, batch.publishes)),
    settlements: batches.flatMap((batch) => toRows(names.settlements, batch.settlements)),
    arrivals: batches.flatMap((batch) => toRows(names.arrivals, batch.arrivals)),
  };
}
