import type { Account } from './account.js';
import { type Distribution, nearestRank } from './latency.js';

/** Unit of a metric's value: milliseconds, a whole number, or a share between 0 and 1. */
export type MetricUnit = 'ms' | 'count' | 'rate';

/** How a number is drawn from many: `p` takes a percentage, as in `p(99)`. */
export type Aggregation = 'min' | 'max' | 'med' | 'avg' | 'p' | 'count' | 'rate';

/**
 * What a change from one run to another says: less or more of it is better, or it says nothing because the load, the
 * generator or the faults decide it.
 */
export type Better = 'less' | 'more' | 'neither';

/** A metric that a threshold may name. */
export interface Metric {
  /** What it measures, for the reference page and for error messages. */
  readonly meaning: string;
  /** What may be asked of it, each with the unit of the answer. */
  readonly aggregations: Readonly<Partial<Record<Aggregation, MetricUnit>>>;
  /** Whether a saturated generator spoils it: then a threshold on it cannot be judged. */
  readonly isLatency: boolean;
  readonly better: Better;
  /** Whether one alone, where there was none before, is a finding and no chance. */
  readonly isExact: boolean;
  /** The answer; null when there was too little to measure. @param percent of `p`, 0 to 100 */
  readonly read: (account: Account, aggregation: Aggregation, percent: number) => number | null;
}

const latencyAggregations = { p: 'ms', min: 'ms', max: 'ms', med: 'ms', avg: 'ms' } as const;

function readDistribution(of: Distribution, aggregation: Aggregation, percent: number): number | null {
  if (aggregation === 'min') return of.minMs;
  if (aggregation === 'max') return of.maxMs;
  if (aggregation === 'avg') return of.meanMs;
  return of.quantileMs(aggregation === 'med' ? 50 : percent);
}

function latency(meaning: string, name: keyof Account['distributions'], better: Better = 'less'): Metric {
  return {
    meaning,
    aggregations: latencyAggregations,
    isLatency: true,
    better,
    isExact: false,
    read: (account, aggregation, percent) => readDistribution(account.distributions[name], aggregation, percent),
  };
}

type Comparison = Pick<Metric, 'better' | 'isExact'>;
const less: Comparison = { better: 'less', isExact: false };
const none: Comparison = { better: 'less', isExact: true };
const more: Comparison = { better: 'more', isExact: false };
const neither: Comparison = { better: 'neither', isExact: false };

/** A number of things that are a share of nothing. */
function number(meaning: string, read: (account: Account) => number, comparison: Comparison): Metric {
  return { meaning, aggregations: { count: 'count' }, isLatency: false, ...comparison, read };
}

/** A number of things, and their share of a whole; the share of nothing is not known. */
function share(
  meaning: string,
  part: (account: Account) => number,
  whole: (account: Account) => number,
  comparison: Comparison = less,
): Metric {
  return {
    meaning,
    aggregations: { count: 'count', rate: 'rate' },
    isLatency: false,
    ...comparison,
    read(account, aggregation) {
      if (aggregation === 'count') return part(account);
      return whole(account) === 0 ? null : part(account) / whole(account);
    },
  };
}

const expected = ({ delivery }: Account): number => delivery.once + delivery.late + delivery.missing;
const delivered = ({ delivery }: Account): number => delivery.once + delivery.late;
const arrivals = (account: Account): number => account.arrivals;

function readReconnects({ reconnectsMs }: Account, aggregation: Aggregation, percent: number): number | null {
  if (aggregation === 'min') return reconnectsMs[0] ?? null;
  if (aggregation === 'max') return reconnectsMs.at(-1) ?? null;
  if (aggregation === 'count') return reconnectsMs.length;
  if (aggregation !== 'avg') return nearestRank(reconnectsMs, aggregation === 'med' ? 50 : percent);
  return reconnectsMs.length === 0 ? null : reconnectsMs.reduce((a, b) => a + b, 0) / reconnectsMs.length;
}

/**
 * Every metric that a threshold may name. A threshold on anything else is an error, found before the run starts.
 * The generator has none here: when it is saturated, latencies cannot be judged at all.
 */
export const metricTable: Readonly<Record<string, Metric>> = {
  'delivery.latency': latency('From the intended send time to the first arrival.', 'response'),
  'delivery.service': latency('From the actual write to the first arrival.', 'service'),
  'delivery.slip': latency('From the intended send time to the write: how late the generator was.', 'slip', 'neither'),
  'delivery.missing': share(
    'Committed messages that a subscriber did not get; rate: of all that it could expect.',
    ({ delivery }) => delivery.missing,
    expected,
    none,
  ),
  'delivery.once': share(
    'Arrived in time; rate: of all that a subscriber could expect.',
    ({ delivery }) => delivery.once,
    expected,
    more,
  ),
  'delivery.absent': share(
    'Pairs that rightly did not arrive: rejected, seen by nobody, before or after the subscriber; rate: of all pairs.',
    ({ delivery }) => delivery.absent,
    ({ delivery }) => delivery.attempted,
    neither,
  ),
  'delivery.required': {
    meaning: 'Pairs that had to arrive; rate: the share of them that did.',
    aggregations: { count: 'count', rate: 'rate' },
    isLatency: false,
    ...more,
    read({ delivery: { required, requiredMissing } }, aggregation) {
      if (aggregation === 'count') return required;
      return required === 0 ? null : (required - requiredMissing) / required;
    },
  },
  'delivery.required-missing': share(
    'Pairs that had to arrive and did not; rate: of all that had to.',
    ({ delivery }) => delivery.requiredMissing,
    ({ delivery }) => delivery.required,
    none,
  ),
  'delivery.late': share(
    'Arrived after the deadline, or by recovery; rate: of all first arrivals.',
    ({ delivery }) => delivery.late,
    delivered,
  ),
  'delivery.duplicate': share(
    'Arrivals after the first; rate: of all arrivals.',
    ({ delivery }) => delivery.duplicate,
    arrivals,
  ),
  'delivery.reordered': share(
    'First arrivals overtaken by a later message of the same sender; rate: of all first arrivals.',
    ({ delivery }) => delivery.reordered,
    delivered,
  ),
  'delivery.unexpected': share(
    'Arrivals that must not be; rate: of all arrivals.',
    ({ delivery }) => delivery.unexpected,
    arrivals,
    none,
  ),
  'delivery.unexplained': share(
    'Missing without any evidence of a cause; rate: of all that a subscriber could expect.',
    ({ delivery }) => delivery.unexplained,
    expected,
    none,
  ),
  'delivery.rejected': share(
    'Messages that the server refused or that were never written; rate: of all that fell due.',
    ({ delivery }) => delivery.rejected,
    ({ delivery }) => delivery.rejected + delivery.acked + delivery.indeterminate,
  ),
  'delivery.indeterminate': share(
    'Messages whose end nobody told the sender; rate: of all that fell due.',
    ({ delivery }) => delivery.indeterminate,
    ({ delivery }) => delivery.rejected + delivery.acked + delivery.indeterminate,
  ),
  'reconnect.time': {
    meaning: 'From the loss of a session seen to everything confirmed again.',
    aggregations: { ...latencyAggregations, count: 'count' },
    isLatency: false,
    ...less,
    read: readReconnects,
  },
  'reconnect.count': number('Lost sessions that were replaced.', ({ reconnectsMs }) => reconnectsMs.length, neither),
  'reconnect.failed': number('Lost sessions that were not replaced by the end.', ({ neverBack }) => neverBack, none),
  'sessions.lost': share(
    'HTTP sessions that a connection found gone, so that its user had to log in again; rate: of all logins.',
    ({ httpSessions }) => httpSessions.lostAtConnect + httpSessions.lostAtReconnect,
    ({ httpSessions }) => httpSessions.logins + httpSessions.relogins,
    none,
  ),
  'subscriptions.silent': share(
    'Subscriptions that heard nothing for a time although their connection lived; rate: of all subscriptions.',
    ({ silences }) => silences.subscriptions,
    ({ subscriptions }) => subscriptions,
    none,
  ),
  'clients.connected': share(
    'Clients that were connected to the end, or left by themselves; rate: of all clients.',
    ({ clients }) => clients.connected,
    ({ clients }) => clients.total,
    more,
  ),
  'clients.lost': share(
    'Clients that lost a session against their will; rate: of all clients.',
    ({ clients }) => clients.lost,
    ({ clients }) => clients.total,
    neither,
  ),
};

/**
 * The value of a metric; null when there was too little to measure.
 * Throws when the table has no such metric or aggregation: a scenario is validated against the table before it runs.
 * @param percent only for `p`
 */
export function evaluateMetric(account: Account, name: string, aggregation: Aggregation, percent = 50): number | null {
  const metric = Object.hasOwn(metricTable, name) ? metricTable[name] : undefined;
  if (metric === undefined || metric.aggregations[aggregation] === undefined) {
    throw new Error(`no such metric: ${name} ${aggregation}`);
  }
  return metric.read(account, aggregation, percent);
}
