import { formatCount } from '../core/quantity.js';
import type { ComparedSide, Comparison } from '../record/comparison.js';
import type { Change, Judged, Values } from '../record/judge-change.js';
import type { MetricUnit } from '../record/metrics.js';
import { formatFigure } from './repeat.js';
import { type Style, widest } from './style.js';

/** A comparison for people, ending with a newline: what differs first, then what got worse, better, and neither. */
export function formatComparison(comparison: Comparison, style: Style): string {
  const { a, b, differences, cut, figures } = comparison;
  const { paint } = style;
  const warnings = [
    ...cut.map((folder) => `${style.safe(folder)}: evidence was cut, so nothing is judged`),
    ...(differences.length === 0 ? [] : ['A and B are not the same, and so may be their figures:']),
  ];
  const lines = [
    '',
    `  A  ${sideText(a, style)}`,
    `  B  ${sideText(b, style)}`,
    '',
    ...warnings.map((text) => `  ${paint.yellow(`! ${text}`)}`),
    ...differences.map((text) => `      ${style.safe(text)}`),
    ...(warnings.length === 0 ? [] : ['']),
    ...section('WORSE', 'worse', figures, style),
    ...section('BETTER', 'better', figures, style),
    ...section('WITHIN THE NOISE', 'noise', figures.filter(hasMoved), style),
    ...section('NOT JUDGED', 'unjudged', figures, style),
    `  ${verdictText(comparison, style)}`,
    '',
  ];
  return `${lines.join('\n')}\n`;
}

/** What is the same on both sides is worth no line. */
function hasMoved({ a, b }: Judged): boolean {
  return a.min !== b.min || a.median !== b.median || a.max !== b.max;
}

function sideText({ folder, name, runs, seeds, verdicts }: ComparedSide, style: Style): string {
  const of = Object.entries(verdicts).flatMap(([verdict, count]) =>
    count === 0 ? [] : [runs === 1 ? verdict : `${count} ${verdict}`],
  );
  const seed = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds.at(-1)}`;
  const count = runs === 1 ? 'one run' : `${formatCount(runs)} runs`;
  return [style.safe(folder), style.safe(name), count, seed, of.join(', ')].join(style.symbols.separator);
}

function section(title: string, change: Change, figures: readonly Judged[], style: Style): string[] {
  const rows = figures.filter((each) => each.change === change);
  if (rows.length === 0) return [];
  const nameWidth = widest(
    rows.map(({ figure }) => figure),
    40,
  );
  const moves = rows.map((row) =>
    [valuesText(row.a, row.unit), valuesText(row.b, row.unit)].join(` ${style.symbols.arrow} `),
  );
  const moveWidth = widest(moves, 60);
  const mark = markOf(change, style);
  return [
    `  ${style.paint.bold(title)}`,
    ...rows.map(({ figure, because }, index) => {
      const move = style.left(moves[index] ?? '', moveWidth);
      return `    ${mark} ${style.left(figure, nameWidth)}  ${move}  ${style.paint.dim(because)}`.trimEnd();
    }),
    '',
  ];
}

function markOf(change: Change, { paint, symbols }: Style): string {
  if (change === 'worse') return paint.red(symbols.failed);
  if (change === 'better') return paint.green(symbols.ok);
  return change === 'noise' ? ' ' : paint.yellow(symbols.unknown);
}

/** The median, and with several runs from which to which value. */
function valuesText({ runs, min, median, max }: Values, unit: MetricUnit): string {
  const value = formatFigure(median, unit);
  return runs < 2 ? value : `${value} (${formatFigure(min, unit)} to ${formatFigure(max, unit)})`;
}

function verdictText({ regressions, improvements, cut }: Comparison, { paint, symbols }: Style): string {
  if (cut.length > 0) return paint.yellow(paint.bold(`${symbols.unknown} INCONCLUSIVE`));
  const better = improvements === 0 ? '' : `, ${formatCount(improvements)} better`;
  if (regressions === 0) return `${paint.green(paint.bold(`${symbols.ok} NOTHING GOT WORSE`))}${better}`;
  return `${paint.red(paint.bold(`${symbols.failed} ${formatCount(regressions)} GOT WORSE`))}${better}`;
}
