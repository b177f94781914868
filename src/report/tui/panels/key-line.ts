import { displayWidth } from '../../display-width.js';
import type { Style } from '../../style.js';
import type { KeyName } from '../keys.js';
import { chosenProcess, type DashboardView } from '../view.js';

interface Hint {
  readonly name: KeyName;
  readonly key: string;
  readonly label: string;
  /** On a narrow screen the hints with the highest number go first; the help has them all. */
  readonly rank: number;
}

/** The line of keys at the bottom. What a key does next depends on the chosen process and the picture. */
export function keyLine(view: DashboardView, style: Style): string {
  const shown = fitting(hintsOf(view, style), style.width - 1);
  const wide = widthOf(shown, 3) <= style.width - 1;
  return ` ${shown.map((hint) => hintText(hint, view, style)).join(wide ? '   ' : ' ')}`;
}

function hintsOf(view: DashboardView, style: Style): Hint[] {
  const state = chosenProcess(view)?.state;
  const stopped = state === 'down' || state === 'failed';
  return [
    { name: 'up', key: style.symbols.upDown, label: 'choose', rank: 5 },
    { name: 'kill', key: 'x', label: 'kill', rank: 2 },
    { name: 'pause', key: 'z', label: state === 'hung' ? 'unpause' : 'pause', rank: 3 },
    { name: 'start-stop', key: 's', label: stopped ? 'start' : 'stop', rank: 4 },
    { name: 'restart', key: 'r', label: 'restart', rank: 6 },
    { name: 'matrix', key: 'm', label: 'reach', rank: 7 },
    { name: 'freeze', key: 'space', label: view.frozen ? 'go on' : 'freeze', rank: 8 },
    { name: 'help', key: '?', label: 'help', rank: 1 },
    { name: 'quit', key: 'q', label: view.quitting ? 'force' : 'quit', rank: 0 },
  ];
}

function fitting(hints: readonly Hint[], width: number): Hint[] {
  const kept = [...hints].sort((a, b) => a.rank - b.rank);
  while (kept.length > 1 && widthOf(kept, 1) > width) kept.pop();
  return hints.filter((hint) => kept.includes(hint));
}

function widthOf(hints: readonly Hint[], gap: number): number {
  return hints.reduce((sum, hint) => sum + displayWidth(`${hint.key} ${hint.label}`) + gap, -gap);
}

function hintText(hint: Hint, view: DashboardView, style: Style): string {
  const { paint } = style;
  if (!view.enabledKeys.has(hint.name)) return paint.dim(`${hint.key} ${hint.label}`);
  return `${paint.bold(paint.cyan(hint.key))} ${hint.label}`;
}
