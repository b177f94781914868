import { formatCount, formatDuration } from '../../../core/quantity.js';
import type { Quantiles } from '../../../record/result.js';
import type { RunSnapshot } from '../../../record/snapshot.js';
import { countedCauses } from '../../cause-sentence.js';
import { joinFacts, type Style } from '../../style.js';
import { sparkline } from '../sparkline.js';
import type { DashboardView } from '../view.js';

/** Columns of a sparkline; one sample a second makes them a minute. */
const sparklineWidth = 60;

/** Counts, percentiles, causes and sparklines, the most important first so that a short panel may be cut. */
export function deliveryLines(view: DashboardView, style: Style): string[] {
  const { run } = view.state;
  const { samples } = view;
  if (run === undefined) return [sparkLine('messages/s', samples.messagesPerSecond, wholeCount, style)];
  return [
    countLine(run, style),
    latencyLine(run.response, style),
    causeLine(run, style),
    sparkLine('deliveries/s', samples.deliveriesPerSecond, wholeCount, style),
    sparkLine('p99', samples.p99Ms, formatDuration, style),
  ];
}

function wholeCount(value: number): string {
  return formatCount(Math.round(value));
}

function countLine(run: RunSnapshot, style: Style): string {
  const { paint } = style;
  const missing = `missing ${formatCount(run.missing)}`;
  const facts = [
    `expected ${formatCount(run.expected)}`,
    `once ${formatCount(run.once)}`,
    run.missing === 0 ? missing : paint.red(missing),
    run.late === 0 ? 'late 0' : paint.yellow(`late ${formatCount(run.late)}`),
    `duplicate ${formatCount(run.duplicate)}`,
  ];
  return joinFacts(facts, style, ' ')[0] ?? '';
}

function latencyLine(response: Quantiles, style: Style): string {
  const cell = (name: string, ms: number | null): string =>
    `${style.paint.dim(name)} ${ms === null || !Number.isFinite(ms) ? style.symbols.none : formatDuration(ms)}`;
  const cells = [
    cell('min', response.minMs),
    cell('med', response.p50Ms),
    cell('p90', response.p90Ms),
    cell('p99', response.p99Ms),
    cell('p99.9', response.p999Ms),
    cell('max', response.maxMs),
  ];
  // On a narrow screen the two that say least make room for the others.
  if (style.width < 78) {
    cells.splice(4, 1);
    cells.shift();
  }
  return ` latency  ${cells.join('  ')}`;
}

function causeLine(run: RunSnapshot, style: Style): string {
  const counted = countedCauses(run.missingByCause);
  if (counted.length === 0) return style.paint.dim(' missing by cause  none');
  const facts = counted.map(({ cause, count }) => {
    const fact = `${cause} ${formatCount(count)}`;
    return cause === 'unexplained' ? style.paint.red(fact) : fact;
  });
  return joinFacts(facts, style, ' missing by cause  ')[0] ?? '';
}

function sparkLine(
  name: string,
  values: readonly (number | null)[],
  format: (value: number) => string,
  style: Style,
): string {
  const last = values.at(-1) ?? null;
  const width = Math.max(0, Math.min(sparklineWidth, style.width - 26));
  const figure = last === null || !Number.isFinite(last) ? style.symbols.none : format(last);
  return ` ${style.left(name, 13)}${style.paint.cyan(sparkline(values, width, style.symbols))} ${style.right(figure, 9)}`;
}
