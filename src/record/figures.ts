import type { Account } from './account.js';
import { type Aggregation, type Better, evaluateMetric, type MetricUnit, metricTable } from './metrics.js';

/** One number of a run, by which runs can be compared. */
export interface Figure {
  /** As a threshold writes it: `delivery.latency p(99)`. */
  readonly name: string;
  readonly metric: string;
  /** `p(99)`, `count` … */
  readonly aggregation: string;
  readonly unit: MetricUnit;
  readonly better: Better;
  readonly isExact: boolean;
  readonly isLatency: boolean;
  readonly read: (account: Account) => number | null;
}

/** The quantiles that are kept of each distribution; the median has a name of its own. */
const percents = [90, 95, 99] as const;

/** Every figure, in the order of the table of metrics. */
export const figures: readonly Figure[] = Object.entries(metricTable).flatMap(([metric, entry]) =>
  (Object.entries(entry.aggregations) as [Aggregation, MetricUnit][]).flatMap(([kind, unit]) =>
    (kind === 'p' ? percents : [undefined]).map((percent): Figure => {
      const aggregation = percent === undefined ? kind : `p(${percent})`;
      const { better, isExact, isLatency } = entry;
      const read = (account: Account): number | null => evaluateMetric(account, metric, kind, percent);
      return { ...{ name: `${metric} ${aggregation}`, metric, aggregation, unit, better, isExact, isLatency }, read };
    }),
  ),
);

/** All figures of a run, by name. */
export function measureFigures(account: Account): Record<string, number | null> {
  return Object.fromEntries(figures.map(({ name, read }) => [name, read(account)]));
}

/** What a table of runs shows, unless nothing was measured of it. */
export const mainFigures: readonly Figure[] = [
  'delivery.missing count',
  'delivery.unexplained count',
  'delivery.late count',
  'delivery.duplicate count',
  'delivery.reordered count',
  'delivery.latency med',
  'delivery.latency p(95)',
  'delivery.latency p(99)',
  'delivery.latency max',
  'reconnect.time p(95)',
  'reconnect.time max',
  'sessions.lost count',
].flatMap((name) => figures.filter((figure) => figure.name === name));
