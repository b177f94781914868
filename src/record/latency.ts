import { build } from 'hdr-histogram-js';
import type { Quantiles } from './result.js';

/** Longest latency that a histogram tells apart; a longer one is counted at this value, its exact length is the maximum. */
const highestMicros = 600_000_000;
/** A quantile with fewer samples beyond it says nothing about the tail. */
const samplesBeyond = 10;

/** Latencies as they were at one moment: recording goes on without it. Milliseconds; null where there is nothing to say. */
export interface Distribution {
  readonly count: number;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly meanMs: number | null;
  /** Within 0.1 %. null with fewer than 10 samples beyond the quantile. @param percent 0 to 100 */
  quantileMs(percent: number): number | null;
}

/** Latencies in microseconds, collected in a fixed 180 KB whatever their number. */
export interface LatencyHistogram {
  /** Negative, infinite and missing latencies are refused and counted: they come from a clock, not from a network. */
  record(micros: number): void;
  /** How many were refused. */
  refused(): number;
  snapshot(): Distribution;
  /** Forgets everything. */
  reset(): void;
}

// Three digits over 1 µs to 600 s in 32-bit buckets, of fixed size: recording never allocates.
const newHistogram = () =>
  build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: highestMicros,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });

/** An empty histogram. Minimum, maximum and mean are exact; the buckets serve the quantiles only. */
export function createLatencyHistogram(): LatencyHistogram {
  const histogram = newHistogram();
  let [count, refused, sum, min, max] = [0, 0, 0, Infinity, -Infinity];
  return {
    record(micros) {
      if (!(micros >= 0 && micros < Infinity)) {
        refused++;
        return;
      }
      count++;
      sum += micros;
      if (micros < min) min = micros;
      if (micros > max) max = micros;
      histogram.recordValue(Math.min(highestMicros, Math.round(micros)));
    },
    refused: () => refused,
    snapshot() {
      const copy = newHistogram();
      copy.add(histogram);
      const [atCount, atMin, atMax] = [count, min, max];
      return {
        count,
        minMs: count === 0 ? null : min / 1000,
        maxMs: count === 0 ? null : max / 1000,
        meanMs: count === 0 ? null : sum / count / 1000,
        quantileMs(percent) {
          if (!hasEnoughBeyond(atCount, percent)) return null;
          // A bucket's upper edge may lie outside of what was measured.
          return Math.min(atMax, Math.max(atMin, copy.getValueAtPercentile(percent))) / 1000;
        },
      };
    },
    reset() {
      histogram.reset();
      [count, refused, sum, min, max] = [0, 0, 0, Infinity, -Infinity];
    },
  };
}

function hasEnoughBeyond(count: number, percent: number): boolean {
  // Rounded, because 10,000 × (100 − 99.9) / 100 is a hair below 10 in floating point.
  return Math.round(count * (100 - percent) * 1e4) / 1e6 >= samplesBeyond;
}

/** The usual quantiles of a distribution. */
export function quantilesOf(distribution: Distribution): Quantiles {
  return {
    minMs: distribution.minMs,
    p50Ms: distribution.quantileMs(50),
    p90Ms: distribution.quantileMs(90),
    p99Ms: distribution.quantileMs(99),
    p999Ms: distribution.quantileMs(99.9),
    maxMs: distribution.maxMs,
    count: distribution.count,
  };
}

/** The exact quantile of a complete population by nearest rank; null when it is empty. @param sorted ascending */
export function nearestRank(sorted: readonly number[], percent: number): number | null {
  // 7 % of 100 is 7.000000000000001 in floating point, and the rank 7 all the same.
  const rank = Math.ceil((percent * sorted.length) / 100 - 1e-9);
  return sorted[Math.max(1, rank) - 1] ?? null;
}
