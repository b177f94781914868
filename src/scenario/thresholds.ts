import type { Account } from '../record/account.js';
import { type Aggregation, evaluateMetric, metricTable } from '../record/metrics.js';
import type { ThresholdReport } from '../record/result.js';
import { holds } from './expression.js';
import type { Threshold } from './scenario.js';

/** A threshold that ended the run, and what it measured then. */
export interface Crossed {
  readonly threshold: Threshold;
  readonly actual: number;
}

/** What a threshold compares, now. null when there was too little to measure. */
export function actualOf(threshold: Threshold, account: Account): number | null {
  const { aggregate } = threshold.expression;
  return aggregate.type === 'quantile'
    ? evaluateMetric(account, threshold.metric, 'p', aggregate.percent)
    : evaluateMetric(account, threshold.metric, aggregate.type satisfies Aggregation);
}

/** What is missing may still come, and a better cause may be found: in the end only the account knows of these. */
const mayComeRight: readonly string[] = ['delivery.missing', 'delivery.unexplained'];

/**
 * Judges every threshold against the account. One on a latency cannot be judged while the generator
 * was saturated; one on a quantile without enough samples cannot be judged either.
 * @param crossed the threshold that ended the run early: it has failed whatever came after, unless what it had counted
 * was taken back by that. Then it is not judged: how the whole load would have ended nobody knows
 */
export function judgeThresholds(
  thresholds: readonly Threshold[],
  account: Account,
  isSaturated: boolean,
  crossed?: Crossed,
): ThresholdReport[] {
  return thresholds.map((threshold) => {
    const judged = judgeThreshold(threshold, account, isSaturated);
    // That the generator was saturated may have come out only after the load had ended.
    const isProven = threshold === crossed?.threshold && !isSpoilt(threshold, isSaturated);
    return isProven ? afterTheEnd(judged, crossed.actual) : judged;
  });
}

function isSpoilt({ metric }: Threshold, isSaturated: boolean): boolean {
  return isSaturated && metricTable[metric]?.isLatency === true;
}

function judgeThreshold(threshold: Threshold, account: Account, isSaturated: boolean): ThresholdReport {
  const actual = actualOf(threshold, account);
  const inconclusive = actual === null || isSpoilt(threshold, isSaturated);
  return {
    metric: threshold.metric,
    expression: threshold.text,
    actual,
    ok: !inconclusive && holds(actual, threshold.expression.operator, threshold.expression.bound),
    inconclusive,
    line: threshold.line,
  };
}

/** What becomes of the threshold that ended the load. @param actual what it measured then */
function afterTheEnd(judged: ThresholdReport, actual: number): ThresholdReport {
  const ended = { ...judged, ok: false, endedLoad: true };
  if (mayComeRight.includes(judged.metric)) return { ...ended, inconclusive: judged.inconclusive || judged.ok };
  return { ...ended, actual, inconclusive: false };
}
