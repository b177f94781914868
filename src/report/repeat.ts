import { formatCount, formatDuration } from '../core/quantity.js';
import { mainFigures } from '../record/figures.js';
import type { MetricUnit } from '../record/metrics.js';
import type { Repeat, Spread } from '../record/repeat.js';
import type { Result, Verdict } from '../record/result.js';
import type { Style } from './style.js';

/** The value of a figure, in its unit. */
export function formatFigure(value: number | null, unit: MetricUnit): string {
  if (value === null) return 'n/a';
  if (unit === 'ms') return formatDuration(value);
  if (unit === 'rate') return `${Number((value * 100).toPrecision(3))}%`;
  return Number.isInteger(value) ? formatCount(value) : value.toFixed(1);
}

/** One run of many in one line: its verdict and what it stands for. */
export function repeatedRunLine(result: Result, style: Style): string {
  const { delivery, latency, reasons } = result;
  const { p99Ms } = latency.response;
  const facts = [
    `missing ${formatCount(delivery.missing)}`,
    ...(p99Ms === null ? [] : [`p99 ${formatDuration(p99Ms)}`]),
    ...(reasons[0] === undefined ? [] : [style.safe(reasons[0])]),
  ];
  const line = `${verdictWord(result.verdict, style)}  ${facts.join(style.symbols.separator)}`;
  return result.partial ? `${line}${style.symbols.separator}ended early` : line;
}

function verdictWord(verdict: Verdict, { paint, symbols }: Style): string {
  if (verdict === 'pass') return paint.green(`${symbols.ok} pass`);
  if (verdict === 'fail') return paint.red(`${symbols.failed} fail`);
  return paint.yellow(`${symbols.unknown} inconclusive`);
}

/** The spread of the main figures over all runs, and the count of verdicts; lines without ends. */
export function repeatLines(repeat: Repeat, style: Style): string[] {
  const shown = mainFigures.flatMap(({ name }) => repeat.spread.filter(({ figure }) => figure === name));
  const rows = shown.map((spread) => [spread.figure, ...valuesIn(spread)]);
  const head = ['', 'min', 'median', 'max'];
  const nameWidth = Math.max(0, ...rows.map(([name = '']) => name.length));
  const widths = [1, 2, 3].map((column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? '').length)));
  const line = ([name = '', ...values]: readonly string[]): string =>
    `    ${name.padEnd(nameWidth)}${values.map((value, index) => `  ${value.padStart(widths[index] ?? 0)}`).join('')}`;
  const { pass, fail, inconclusive } = repeat.verdicts;
  const counts = [`${pass} passed`, `${fail} failed`, `${inconclusive} inconclusive`].join(style.symbols.separator);
  const missing = repeat.times - repeat.runs.length;
  return [
    `  ${style.paint.bold('SPREAD')}`,
    ...[head, ...rows].map(line),
    '',
    `  ${verdictWord(repeat.verdict, style)}  ${counts}${missing > 0 ? `${style.symbols.separator}${missing} not run` : ''}`,
  ];
}

function valuesIn({ min, median, max, unit }: Spread): string[] {
  return [min, median, max].map((value) => formatFigure(value, unit));
}
