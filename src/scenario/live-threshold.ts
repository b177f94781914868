import type { LiveCounters } from '../record/live.js';
import type { Aggregate } from './expression.js';
import { holds } from './expression.js';
import type { Threshold } from './scenario.js';
import type { Crossed } from './thresholds.js';

/** A metric that can be told while the run goes on: a number of things, and of how many. */
interface LiveShare {
  readonly part: (live: LiveCounters) => number;
  readonly whole?: (live: LiveCounters) => number;
}

const expected = (live: LiveCounters): number => live.expected;

const shares: Readonly<Record<string, LiveShare>> = {
  'delivery.missing': { part: (live) => live.missing, whole: expected },
  'delivery.late': { part: (live) => live.late, whole: (live) => live.once + live.late },
  'delivery.duplicate': { part: (live) => live.duplicate, whole: (live) => live.once + live.late + live.duplicate },
  'delivery.unexplained': { part: (live) => live.missingByCause.unexplained ?? 0, whole: expected },
  'sessions.lost': {
    part: ({ httpSessions }) => httpSessions.lostAtConnect + httpSessions.lostAtReconnect,
    whole: ({ httpSessions }) => httpSessions.logins + httpSessions.relogins,
  },
  'subscriptions.silent': { part: (live) => live.silent },
};

/** The metrics that are known while a run goes on; of others only the account knows. */
export const liveMetrics: readonly string[] = ['delivery.latency', ...Object.keys(shares)];

/** Whether that figure of a metric is known while a run goes on, so that it can end the load. */
export function isKnownLive(metric: string, { type }: Aggregate): boolean {
  if (metric === 'delivery.latency') return true;
  const share = Object.hasOwn(shares, metric) ? shares[metric] : undefined;
  return share !== undefined && (type === 'count' || (type === 'rate' && share.whole !== undefined));
}

function latencyOf({ expression: { aggregate } }: Threshold, { responses }: LiveCounters): number | null {
  switch (aggregate.type) {
    case 'quantile':
      return responses.quantileMs(aggregate.percent);
    case 'med':
      return responses.quantileMs(50);
    case 'min':
      return responses.minMs;
    case 'max':
      return responses.maxMs;
    case 'avg':
      return responses.meanMs;
    default:
      return null;
  }
}

function shareOf({ metric, expression }: Threshold, live: LiveCounters): number | null {
  const { part, whole } = shares[metric] as LiveShare;
  if (expression.aggregate.type === 'count') return part(live);
  const of = whole?.(live) ?? 0;
  return of === 0 ? null : part(live) / of;
}

/**
 * What a threshold would compare if the run ended now, from the counters that are cheap to read while
 * it goes on; null for those that only the account can answer.
 */
export function measureLive(threshold: Threshold, live: LiveCounters): number | null {
  if (!isKnownLive(threshold.metric, threshold.expression.aggregate)) return null;
  return threshold.metric === 'delivery.latency' ? latencyOf(threshold, live) : shareOf(threshold, live);
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
