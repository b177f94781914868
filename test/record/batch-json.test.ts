import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchFromJson, batchToJson } from '../../src/record/batch-json.js';
import type { FactBatch } from '../../src/record/history.js';
import { createHistoryWriter } from './history-writer.js';

const empty = createHistoryWriter().take();

/** A column as columns are: ids that seldom change, times that grow, and now and then a time that never came. */
const columns = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 20 }),
  fc.array(fc.constantFrom(7, Number.NaN), { maxLength: 6 }),
  fc.array(fc.oneof(fc.integer({ min: -1, max: 2 ** 53 - 1 }), fc.constant(Number.NaN)), { maxLength: 20 }),
  fc.array(fc.double({ min: 0, max: 1e13 }), { maxLength: 20 }),
);

function withColumn(name: 'subscriber' | 'atMicros', column: readonly number[]): FactBatch {
  return { ...empty, arrivals: { ...empty.arrivals, [name]: column } };
}

describe('a batch as a line of events', () => {
  it.each(['subscriber', 'atMicros'] as const)('keeps every value of the column %s exactly', (name) => {
    fc.assert(
      fc.property(columns, (column) => {
        const again = batchFromJson(JSON.parse(JSON.stringify(batchToJson(withColumn(name, column)))));
        expect(Array.from(again.arrivals[name])).toEqual(column.map((value) => (value === 0 ? 0 : value)));
      }),
    );
  });

  it('writes a column that never changes once, and of times the steps', () => {
    const json = batchToJson(withColumn('subscriber', [7, 7, 7, 7]));
    expect(json.arrivals.subscriber).toEqual({ all: 7, rows: 4 });
    const times = batchToJson(withColumn('atMicros', [11_718_874_936, 11_718_877_180, Number.NaN, 11_718_877_181]));
    expect(times.arrivals.atMicros).toEqual({ from: 11_718_874_936, steps: [2244, null, 1] });
  });

  it('refuses a column that claims more rows than a recorder can hold', () => {
    const json = batchToJson(empty);
    const claims = { ...json, arrivals: { ...json.arrivals, marks: { all: 0, rows: 1e12 } } };
    expect(() => batchFromJson(claims)).toThrow('A batch cannot have 1000000000000 rows.');
  });
});
