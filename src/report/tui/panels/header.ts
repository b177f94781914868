import { formatCount } from '../../../core/quantity.js';
import type { RunSnapshot } from '../../../record/snapshot.js';
import { displayWidth } from '../../display-width.js';
import { formatLength, formatMoment } from '../../figures.js';
import { joinFacts, type Style } from '../../style.js';
import type { DashboardView } from '../view.js';

/** Who runs, for how long, and what the thresholds say so far. The first two lines are always there. */
export function headerLines(view: DashboardView, style: Style): string[] {
  const { run } = view.state;
  return [titleLine(view, style), factLine(view, style), ...(run === undefined ? [] : thresholdLines(run, style))];
}

function titleLine(view: DashboardView, style: Style): string {
  const { paint } = style;
  const flags = [view.frozen ? 'FROZEN' : '', view.quitting ? 'STOPPING' : ''].filter((flag) => flag !== '').join(' ');
  const time = timeText(view);
  const right = flags === '' ? time : `${flags}  ${time}`;
  const room = style.width - 3 - displayWidth(right);
  const name = style.left(style.safe(view.title), Math.max(0, room));
  return ` ${paint.bold(name)} ${flags === '' ? '' : `${paint.yellow(flags)}  `}${paint.cyan(time)}`;
}

function timeText(view: DashboardView): string {
  const { run, processes } = view.state;
  if (run !== undefined) return `${run.phase} ${formatMoment(run.elapsedMs)} of ${formatMoment(run.durationMs)}`;
  // The cluster is as old as the oldest of its processes.
  const oldestMs = processes.reduce((oldest, process) => Math.max(oldest, process.uptimeMs ?? 0), 0);
  return `up ${formatLength(oldestMs)}`;
}

function factLine(view: DashboardView, style: Style): string {
  const { run, processes } = view.state;
  const up = processes.filter((process) => process.state === 'up').length;
  const facts = [`${up} of ${processes.length} processes up`];
  if (run !== undefined) {
    facts.unshift(`seed ${run.seed}`);
    facts.push(
      `clients ${formatCount(run.clients.connected)}/${formatCount(run.clients.total)}`,
      `sent ${formatCount(run.sent)}`,
    );
    if (run.generator.saturated) facts.push(style.paint.yellow('generator saturated'));
  }
  return joinFacts(facts, style, ' ')[0] ?? '';
}

/** Failed ones first: what does not fit must not be what went wrong. */
function thresholdLines(run: RunSnapshot, style: Style): string[] {
  const order = [...run.thresholds].sort((a, b) => Number(b.ok === false) - Number(a.ok === false));
  const facts = order.map(({ text, ok }) => {
    const words = style.clip(style.safe(text), style.width - 6);
    if (ok === null) return style.paint.dim(`${style.symbols.bullet} ${words}`);
    return ok ? `${style.paint.green(style.symbols.ok)} ${words}` : style.paint.red(`${style.symbols.failed} ${words}`);
  });
  return joinFacts(facts, style, ' ');
}
