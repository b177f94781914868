import { AppError } from '../core/errors.js';

type NumberArray =
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/** How the numbers of a column are stored. */
export type ColumnKind = 'float64' | 'int32' | 'uint32' | 'uint16' | 'uint8';

const initialRows = 1024;

function allocate(kind: ColumnKind, rows: number): NumberArray {
  if (kind === 'float64') return new Float64Array(rows);
  if (kind === 'int32') return new Int32Array(rows);
  if (kind === 'uint32') return new Uint32Array(rows);
  return kind === 'uint16' ? new Uint16Array(rows) : new Uint8Array(rows);
}

/**
 * A table of numbers in columns that grow together. Evidence is never dropped quietly: past `maxRows` growing throws,
 * because a ledger with holes would blame the system under test.
 */
export interface Columns<Name extends string> {
  rows: number;
  readonly maxRows: number;
  readonly of: Record<Name, NumberArray>;
}

/** An empty table, without room: nothing is allocated before the first row. */
export function createColumns<Name extends string>(
  kinds: Readonly<Record<Name, ColumnKind>>,
  maxRows: number,
): Columns<Name> {
  const of = {} as Record<Name, NumberArray>;
  for (const name of Object.keys(kinds) as Name[]) of[name] = allocate(kinds[name], 0);
  return { rows: 0, maxRows, of };
}

function kindOf(array: NumberArray): ColumnKind {
  if (array instanceof Float64Array) return 'float64';
  if (array instanceof Int32Array) return 'int32';
  if (array instanceof Uint32Array) return 'uint32';
  return array instanceof Uint16Array ? 'uint16' : 'uint8';
}

/**
 * Room for `count` more rows, all zero unless the table was taken before; returns the first of them. Columns double, so a row costs little on average.
 * Throws an AppError when the table would pass its limit.
 */
export function addRows<Name extends string>(columns: Columns<Name>, capacity: number, count: number): number {
  const first = columns.rows;
  const needed = first + count;
  if (needed > capacity) {
    if (needed > columns.maxRows) {
      throw new AppError('internal', `The record of the run would need more than ${columns.maxRows} rows.`, {
        hint: 'Shorten the run, or lower the number of messages or subscribers.',
      });
    }
    growColumns(columns, Math.min(columns.maxRows, Math.max(needed, initialRows, capacity * 2)));
  }
  columns.rows = needed;
  return first;
}

function growColumns<Name extends string>(columns: Columns<Name>, capacity: number): void {
  for (const name of Object.keys(columns.of) as Name[]) {
    const grown = allocate(kindOf(columns.of[name]), capacity);
    grown.set(columns.of[name].subarray(0, columns.rows));
    columns.of[name] = grown;
  }
}

/** Moves `count` rows that begin at `from` to `to`, which lies before; what stood there is overwritten. */
export function moveRows<Name extends string>(columns: Columns<Name>, to: number, from: number, count: number): void {
  for (const name of Object.keys(columns.of) as Name[]) columns.of[name].copyWithin(to, from, from + count);
}

/** Gives up all rows from `rows` on. Their room is kept for others, and is all zero again. */
export function giveUpRows<Name extends string>(columns: Columns<Name>, rows: number): void {
  for (const name of Object.keys(columns.of) as Name[]) columns.of[name].fill(0, rows, columns.rows);
  columns.rows = rows;
}

/** The rows so far as arrays of exactly that length; the table is empty afterwards and keeps its room. */
export function takeColumns<Name extends string>(columns: Columns<Name>): Record<Name, NumberArray> {
  const taken = {} as Record<Name, NumberArray>;
  for (const name of Object.keys(columns.of) as Name[]) taken[name] = columns.of[name].slice(0, columns.rows);
  columns.rows = 0;
  return taken;
}
