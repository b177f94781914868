import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLatencyHistogram, nearestRank, quantilesOf } from '../../src/record/latency.js';
import { accountOf, createHistoryWriter, planOf } from './history-writer.js';

function histogramOf(micros: Iterable<number>) {
  const histogram = createLatencyHistogram();
  for (const each of micros) histogram.record(each);
  return histogram;
}

describe('a latency histogram', () => {
  it('keeps minimum, maximum and mean exactly', () => {
    const { minMs, maxMs, meanMs, count } = histogramOf([123_456.7, 1.25, 987_654_321]).snapshot();
    expect([minMs, maxMs, count]).toEqual([0.00125, 987_654.321, 3]);
    expect(meanMs).toBeCloseTo((123_456.7 + 1.25 + 987_654_321) / 3000, 6);
  });

  it('refuses negatives, NaN and infinity, and counts them', () => {
    const histogram = histogramOf([-1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]);
    expect([histogram.refused(), histogram.snapshot().count, histogram.snapshot().minMs]).toEqual([4, 1, 0]);
  });

  it('has no quantile with fewer than 10 samples beyond it', () => {
    const of = (count: number) => quantilesOf(histogramOf(Array.from({ length: count }, (_, i) => i + 1)).snapshot());
    expect(of(0)).toMatchObject({ count: 0, minMs: null, p50Ms: null, maxMs: null });
    expect(of(19).p50Ms).toBeNull();
    expect(of(20).p50Ms).toBe(0.01);
    expect([of(99).p90Ms, of(999).p99Ms, of(9_999).p999Ms]).toEqual([null, null, null]);
    expect([of(100).p90Ms, of(1_000).p99Ms, of(10_000).p999Ms].map((ms) => ms !== null)).toEqual([true, true, true]);
  });

  it('ranks by whole numbers, whatever floating point makes of a percentage', () => {
    const sorted = Array.from({ length: 100 }, (_, i) => i + 1);
    for (let percent = 1; percent <= 100; percent++) expect(nearestRank(sorted, percent)).toBe(percent);
  });

  it('has quantiles within 0.1 % of the exact ones, never outside of what was measured', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500_000_000 }), { minLength: 100, maxLength: 400 }),
        fc.integer({ min: 1, max: 90 }),
        (samples, percent) => {
          const sorted = samples.toSorted((a, b) => a - b);
          const exact = nearestRank(sorted, percent) ?? 0;
          const measured = (histogramOf(samples).snapshot().quantileMs(percent) ?? Number.NaN) * 1000;
          expect(Math.abs(measured - exact)).toBeLessThanOrEqual(Math.max(1, exact * 0.001));
          expect(measured).toBeGreaterThanOrEqual(sorted[0] ?? 0);
          expect(measured).toBeLessThanOrEqual(sorted.at(-1) ?? 0);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives a snapshot that later records do not change, and forgets everything when reset', () => {
    const histogram = histogramOf(Array.from({ length: 100 }, () => 1000));
    const before = histogram.snapshot();
    for (let i = 0; i < 1000; i++) histogram.record(9_000_000);
    expect([before.quantileMs(50), before.maxMs, before.count]).toEqual([1, 1, 100]);
    histogram.reset();
    expect(histogram.snapshot()).toMatchObject({ count: 0, minMs: null, maxMs: null, meanMs: null });
  });
});

describe('nearest rank', () => {
  it('is the exact quantile of a whole population', () => {
    expect([1, 50, 51, 95, 100].map((percent) => nearestRank([10, 20], percent))).toEqual([10, 10, 20, 20, 20]);
    expect(nearestRank([], 50)).toBeNull();
  });
});

describe('the latencies of an account', () => {
  const plan = planOf(1, 1);
  const history = () => createHistoryWriter().everybodyOnline(plan, () => 0);

  it('are response from the intended time, service from the write, and slip between', () => {
    const batch = history().published([0, 1, 0, 1], 15, { intendedMs: 10 }).arrived(0, 1, [0, 1, 0, 1], 22).take();
    const { latency } = accountOf(plan, batch);
    expect([latency.response.maxMs, latency.service.maxMs, latency.slip.maxMs]).toEqual([12, 7, 5]);
  });

  it('have no slip for a send that waited for a connection: that is the system, not the generator', () => {
    const held = history()
      .published([0, 1, 0, 1], 900, { intendedMs: 10, held: true })
      .arrived(0, 1, [0, 1, 0, 1], 901);
    const { latency } = accountOf(plan, held.take());
    expect([latency.response.maxMs, latency.slip.count]).toEqual([891, 0]);
  });

  it('are those of first arrivals only, and one before its write is refused', () => {
    const doubled = history().sent([0, 1, 0, 1], 10).arrived(0, 1, [0, 1, 0, 1], 12).arrived(0, 1, [0, 1, 0, 1], 80);
    expect(accountOf(plan, doubled.take()).latency.response).toMatchObject({ count: 1, maxMs: 2 });
    const early = accountOf(plan, history().sent([0, 1, 0, 1], 10).arrived(0, 1, [0, 1, 0, 1], 9).take());
    expect([early.latency.response.count, early.refusedLatencies]).toEqual([0, 2]);
  });
});
