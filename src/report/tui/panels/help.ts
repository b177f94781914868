import type { Style } from '../../style.js';
import type { KeyName } from '../keys.js';
import type { DashboardView } from '../view.js';
import { stateMark } from './processes.js';

const rows: readonly { readonly name: KeyName; readonly keys: string; readonly text: string }[] = [
  { name: 'up', keys: 'up down j k', text: 'choose a process' },
  { name: 'kill', keys: 'x', text: 'kill it at once (SIGKILL): what a crash does' },
  { name: 'pause', keys: 'z', text: 'pause it, or let it go on: what a hang does' },
  { name: 'start-stop', keys: 's', text: 'stop it with a drain, or start it' },
  { name: 'restart', keys: 'r', text: 'restart it with a drain' },
  { name: 'matrix', keys: 'm', text: 'who reaches whom' },
  { name: 'freeze', keys: 'space', text: 'hold the picture; the run goes on' },
  { name: 'help', keys: '?', text: 'this page' },
  { name: 'quit', keys: 'q Ctrl-C', text: 'stop everything; again: at once' },
];

/** Every key in one sentence, and what the marks mean. */
export function helpLines(view: DashboardView, style: Style): string[] {
  const keys = rows.map(({ name, keys: key, text }) => {
    const line = `${style.left(key, 13)}${text}`;
    return view.enabledKeys.has(name) ? ` ${line}` : style.paint.dim(` ${line} (not here)`);
  });
  const states = (['up', 'hung', 'down', 'failed', 'starting'] as const).map(
    (state) => `${stateMark(state, style)} ${state}`,
  );
  return [...keys, ` ${states.join('   ')}`];
}
