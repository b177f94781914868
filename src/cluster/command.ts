import { spawn } from 'node:child_process';
import { AppError } from '../core/errors.js';
import { formatDuration } from '../core/quantity.js';
import { redactText } from '../core/redact-text.js';
import { Ring } from '../core/ring.js';
import { describeExit, type Exit } from './exit.js';
import { Leash } from './leash.js';
import { splitLines } from './line-splitter.js';
import { signalGroup } from './pid.js';

/** How many of its last lines are told when it fails. */
const lastLineCount = 3;

export interface CommandOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** After so long it is killed, with everything that it started and that stayed in its group. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a command of the user's to its end, without a shell. It ends with us, however we end; what it leaves running on
 * purpose, in a session of its own, stays.
 * @throws AppError `control-failed` when it cannot be started, does not end in time, or ends with anything but 0; the
 * reason of `signal` when that is aborted
 */
export async function runCommand(command: readonly string[], options: CommandOptions): Promise<void> {
  options.signal?.throwIfAborted();
  await using leash = new Leash(() => undefined);
  const lines = new Ring<string>(lastLineCount);
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: options.env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const leashed = { pid: child.pid, isGroup: true };
  leash.add(leashed);
  for (const stream of [child.stdout, child.stderr]) splitLines(stream, (line) => lines.push(line));
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null) signalGroup(child.pid, 'SIGKILL');
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, options.timeoutMs);
  options.signal?.addEventListener('abort', kill, { once: true });
  try {
    const exit = await new Promise<Exit>((resolve, reject) => {
      child.once('error', (error) => reject(failed(command, error.message, [])));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    options.signal?.throwIfAborted();
    if (exit.code === 0) return;
    const what = isLate
      ? `did not end within ${formatDuration(options.timeoutMs)}`
      : `ended with ${describeExit(exit)}`;
    throw failed(command, what, lines.toArray());
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', kill);
    leash.remove(leashed);
  }
}

function failed(command: readonly string[], what: string, lines: readonly string[]): AppError {
  const said = lines.length === 0 ? '' : `; its last lines: ${lines.map(redactText).join(' | ')}`;
  return new AppError('control-failed', `The command ${redactText(command.join(' '))} ${what}${said}`, {
    hint: 'Run it by itself to see what it says.',
  });
}
