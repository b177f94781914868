import type { Result, ThresholdReport } from '../../record/result.js';
import { formatActual } from '../figures.js';
import { type Style, widest } from '../style.js';
import { expectedPairs } from './delivery.js';

/**
 * One line per threshold: mark, metric, expression, what was measured, and for a failed one its place
 * in the scenario, where the user goes next.
 */
export function thresholdLines(result: Result, style: Style, scenarioPath: string | undefined): string[] {
  const rows = result.thresholds.map((threshold) => ({
    threshold,
    metric: style.safe(threshold.metric),
    expression: style.safe(threshold.expression),
    actual: formatActual(threshold, expectedPairs(result.delivery)),
  }));
  const metricWidth = widest(
    rows.map((row) => row.metric),
    40,
  );
  const expressionWidth = widest(
    rows.map((row) => row.expression),
    32,
  );
  const actualWidth = widest(
    rows.map((row) => row.actual),
    32,
  );
  return rows.map(({ threshold, metric, expression, actual }) => {
    const left = `${style.left(metric, metricWidth)}  ${style.left(expression, expressionWidth)}`;
    const note = noteOf(threshold, style, scenarioPath);
    const right = note === '' ? actual : `${style.left(actual, actualWidth)}   ${style.paint.dim(note)}`;
    return `    ${markOf(threshold, style)} ${left}  ${right}`;
  });
}

function markOf(threshold: ThresholdReport, style: Style): string {
  if (threshold.inconclusive) return style.paint.yellow(style.symbols.unknown);
  return threshold.ok ? style.paint.green(style.symbols.ok) : style.paint.red(style.symbols.failed);
}

function noteOf(threshold: ThresholdReport, style: Style, scenarioPath: string | undefined): string {
  if (threshold.inconclusive) return 'not judged';
  if (threshold.ok || threshold.line === null || scenarioPath === undefined) return '';
  return `${style.safe(scenarioPath)}:${threshold.line}`;
}
