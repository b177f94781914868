import type { LiveCounters } from '../record/live.js';
import type { Threshold } from './scenario.js';

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
