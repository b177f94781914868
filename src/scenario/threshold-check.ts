import { suggestion } from '../core/nearest.js';
import { metricTable } from '../record/metrics.js';
import { parseExpression } from './expression.js';
import { isKnownLive, liveMetrics } from './live-threshold.js';
import type { Path, Problem } from './problem.js';
import { quote } from './quote.js';
import { asList, asMap, type RawMap } from './raw.js';

/** What is wrong with the thresholds: metrics that do not exist, conditions that cannot be read. */
export function thresholdProblems(thresholds: RawMap): Problem[] {
  return Object.entries(thresholds).flatMap(([metric, conditions]): Problem[] => {
    const known = Object.hasOwn(metricTable, metric) ? metricTable[metric] : undefined;
    if (known === undefined) {
      const message = `there is no metric ${quote(metric)}; ${suggestion(metric, Object.keys(metricTable))}`;
      return [{ path: ['thresholds', metric], at: 'key', message }];
    }
    return asList(conditions).flatMap((condition, index): Problem[] => {
      const expr = asMap(condition)['expr'];
      const text = typeof condition === 'string' ? condition : expr;
      if (typeof text !== 'string') return [];
      const parsed = parseExpression(text, known);
      if (parsed.type === 'expression') {
        if (asMap(condition)['abortOnFail'] !== true || isKnownLive(metric, parsed.expression.aggregate)) return [];
        const message = `${quote(metric)} is known only when the run has ended, so it cannot end it; leave abortOnFail out, or use counts of ${liveMetrics.join(', ')}`;
        return [{ path: ['thresholds', metric, index, 'abortOnFail'], at: 'value', message }];
      }
      const path: Path = ['thresholds', metric, index, ...(expr === undefined ? [] : ['expr'])];
      return [{ path, at: 'value', message: `${parsed.message}. ${parsed.hint}` }];
    });
  });
}
