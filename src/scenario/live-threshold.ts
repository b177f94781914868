import type { LiveCounters } from '../record/live.js';
import { holds } from './expression.js';
import type { Threshold } from './scenario.js';
import type { Crossed } from './thresholds.js';

const quantiles: Readonly<Record<number, 'p50Ms' | 'p90Ms' | 'p99Ms' | 'p999Ms'>> = {
  50: 'p50Ms',
  90: 'p90Ms',
  99: 'p99Ms',
  99.9: 'p999Ms',
};

function latencyOf(threshold: Threshold, { response }: LiveCounters): number | null {
  const { aggregate } = threshold.expression;
  switch (aggregate.type) {
    case 'quantile': {
      const field = quantiles[aggregate.percent];
      return field === undefined ? null : response[field];
    }
    case 'min':
      return response.minMs;
    case 'max':
      return response.maxMs;
    case 'med':
      return response.p50Ms;
    default:
      return null;
  }
}

const counts: Readonly<Record<string, (live: LiveCounters) => number>> = {
  'delivery.missing': (live) => live.missing,
  'delivery.late': (live) => live.late,
  'delivery.duplicate': (live) => live.duplicate,
  'delivery.unexplained': (live) => live.missingByCause.unexplained ?? 0,
};

/**
 * What a threshold would compare if the run ended now, from the counters that are cheap to read while
 * it goes on; null for those that only the account can answer.
 */
export function measureLive(threshold: Threshold, live: LiveCounters): number | null {
  if (threshold.metric === 'delivery.latency') return latencyOf(threshold, live);
  const count = counts[threshold.metric];
  return count === undefined || threshold.expression.aggregate.type !== 'count' ? null : count(live);
}

/**
 * The first threshold with `abortOnFail` that does not hold. While the generator is saturated nothing is
 * concluded from latencies.
 */
export function findCrossed(
  thresholds: readonly Threshold[],
  live: LiveCounters,
  isSaturated: boolean,
): Crossed | undefined {
  for (const threshold of thresholds) {
    if (!threshold.abortOnFail || (isSaturated && threshold.metric === 'delivery.latency')) continue;
    const actual = measureLive(threshold, live);
    const { operator, bound } = threshold.expression;
    if (actual !== null && !holds(actual, operator, bound)) return { threshold, actual };
  }
  return undefined;
}
