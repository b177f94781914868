import { describe, expect, it } from 'vitest';
import { addRows, type Columns, createColumns, takeColumns } from '../../src/record/column.js';
import { createRecorder } from '../../src/record/recorder.js';

function append(columns: Columns<'value'>, value: number): void {
  const row = addRows(columns, columns.of.value.length, 1);
  columns.of.value[row] = value;
}

describe('a table in columns', () => {
  it('keeps its rows while it grows, by doubling', () => {
    const columns = createColumns({ value: 'uint32', flag: 'uint8' }, 10_000);
    const sizes = new Set<number>();
    for (let i = 0; i < 5000; i++) {
      const row = addRows(columns, columns.of.value.length, 1);
      columns.of.value[row] = i;
      sizes.add(columns.of.value.length);
    }
    expect([...sizes]).toEqual([1024, 2048, 4096, 8192]);
    expect([columns.rows, columns.of.flag.length, columns.of.value[0], columns.of.value[4999]]).toEqual([
      5000, 8192, 0, 4999,
    ]);
  });

  it('refuses to pass its limit, with all rows so far intact', () => {
    const columns = createColumns({ value: 'float64' }, 1500);
    for (let i = 0; i < 1500; i++) append(columns, i);
    expect(() => addRows(columns, columns.of.value.length, 1)).toThrow('more than 1500 rows');
    expect([columns.rows, columns.of.value[1499]]).toEqual([1500, 1499]);
  });

  it('makes room for many rows at once', () => {
    const columns = createColumns({ value: 'uint16' }, 100_000);
    expect(addRows(columns, columns.of.value.length, 5000)).toBe(0);
    expect(addRows(columns, columns.of.value.length, 1)).toBe(5000);
  });

  it('takes rows in arrays of exact length and starts anew', () => {
    const columns = createColumns({ value: 'uint8' }, 10);
    append(columns, 7);
    const taken = takeColumns(columns);
    append(columns, 9);
    expect([Array.from(taken.value), Array.from(takeColumns(columns).value)]).toEqual([[7], [9]]);
  });
});

it('A recorder gives everything once, in the order in which it was recorded', () => {
  const recorder = createRecorder();
  recorder.published(1, 2, 3, 4, 5.5, Number.NaN, true);
  recorder.settled(1, 2, 3, 4, 2, 6.5);
  recorder.arrived(9, 8, 1, 2, 3, 4, 7.5, 3);
  recorder.session({ type: 'session-opened', client: 1, session: 2, node: 0, atMicros: 1 });
  const { publishes, settlements, arrivals, sessions } = recorder.take();
  expect([publishes, settlements, arrivals].map((of) => Object.values(of).map((column) => Array.from(column)))).toEqual(
    [
      [[1], [2], [3], [4], [5], [Number.NaN], [1]],
      [[1], [2], [3], [4], [2], [6]],
      [[9], [8], [1], [2], [3], [4], [7], [3]],
    ],
  );
  expect(sessions).toHaveLength(1);
  const empty = recorder.take();
  expect([empty.sessions.length, empty.publishes.epoch.length, empty.arrivals.epoch.length]).toEqual([0, 0, 0]);
});
