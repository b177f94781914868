import { formatCount, formatDuration } from '../core/quantity.js';
import type { Quantiles, ThresholdReport } from '../record/result.js';

/** A share for people. Only everything is 100% and only nothing is 0%, whatever rounding would say. */
export function formatShare(part: number, whole: number): string {
  if (part >= whole) return '100%';
  if (part <= 0) return '0%';
  return `${Math.min(99.9, Math.max(0.1, (part / whole) * 100)).toFixed(1)}%`;
}

/** Seconds since the start of the load, with one decimal, as the steps of a scenario are written: `10.0s`. */
export function formatMoment(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}

/** The length of a run: `40.0 s`, from 100 s on `2m 05s`. */
export function formatLength(ms: number): string {
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : formatDuration(ms);
}

/** A quantile, or why there is none: with fewer than 10 samples beyond it, it would be chance [ledger, latency]. */
export function formatQuantile(ms: number | null, quantiles: Quantiles): string {
  return ms === null ? `n/a (n=${formatCount(quantiles.count)})` : formatDuration(ms);
}

/**
 * What a threshold measured, in the unit of its aggregation: `count` is a number, `rate` a share,
 * everything else (`p(99)`, `max`, `avg`) a time.
 */
export function formatActual(threshold: ThresholdReport, expected: number): string {
  const { actual, expression } = threshold;
  if (actual === null) return 'nothing measured';
  if (expression.startsWith('rate')) return `${Number((actual * 100).toPrecision(3))}%`;
  if (!expression.startsWith('count')) return formatDuration(actual);
  return threshold.metric === 'delivery.missing'
    ? `${formatCount(actual)} of ${formatCount(expected)}`
    : formatCount(actual);
}
