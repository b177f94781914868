import type { ArrivalColumns, Column, FactBatch, PublishColumns, SessionFact, SettlementColumns } from './history.js';

/** A batch as one line of `events.ndjson`: plain arrays, and null where a time is not a number. */
export interface BatchJson {
  readonly sessions: readonly SessionFact[];
  readonly publishes: Readonly<Record<keyof PublishColumns, readonly (number | null)[]>>;
  readonly settlements: Readonly<Record<keyof SettlementColumns, readonly (number | null)[]>>;
  readonly arrivals: Readonly<Record<keyof ArrivalColumns, readonly (number | null)[]>>;
}

function toPlain<Name extends string>(columns: { readonly [Key in Name]: Column }): Record<Name, (number | null)[]> {
  const plain = {} as Record<Name, (number | null)[]>;
  for (const name of Object.keys(columns) as Name[]) {
    plain[name] = Array.from(columns[name], (value) => (Number.isNaN(value) ? null : value));
  }
  return plain;
}

function fromPlain<Name extends string>(
  plain: { readonly [Key in Name]: readonly (number | null)[] },
): Record<Name, number[]> {
  const columns = {} as Record<Name, number[]>;
  for (const name of Object.keys(plain) as Name[]) columns[name] = plain[name].map((value) => value ?? Number.NaN);
  return columns;
}

/** A batch that survives JSON. */
export function batchToJson(batch: FactBatch): BatchJson {
  return {
    sessions: batch.sessions,
    publishes: toPlain(batch.publishes),
    settlements: toPlain(batch.settlements),
    arrivals: toPlain(batch.arrivals),
  };
}

/** The batch that `batchToJson` wrote. Trusts its shape: whoever reads a file of a stranger checks it first. */
export function batchFromJson(json: BatchJson): FactBatch {
  return {
    sessions: json.sessions,
    publishes: fromPlain(json.publishes),
    settlements: fromPlain(json.settlements),
    arrivals: fromPlain(json.arrivals),
  };
}

/** Whether a batch says nothing: such a one need not be sent or kept. */
export function isEmptyBatch(batch: FactBatch): boolean {
  const rows = batch.publishes.publisher.length + batch.settlements.publisher.length + batch.arrivals.subscriber.length;
  return batch.sessions.length === 0 && rows === 0;
}
