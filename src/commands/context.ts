import type { Readable, Writable } from 'node:stream';
import { nowMs, wallMs } from '../core/clock.js';
import { systemCodeOf } from '../core/errors.js';

/** Signals that ask a command to end. SIGHUP is what a closed terminal sends. */
export type EndSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** What a command is given of the outside world; tests give it streams and values of their own. */
export interface ContextParts {
  /** The words after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the working directory. */
  readonly cwd: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether stdout is a terminal. */
  readonly isTTY: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  readonly columns: number;
  /** Height of the terminal in rows; 24 where there is none. */
  readonly rows: number;
  /**
   * Calls `listener` for every signal that asks the command to end, until the returned function is
   * called. While at least one listener is set, the signals no longer end the process by themselves.
   */
  onSignal(listener: (signal: EndSignal) => void): () => void;
}

/** The only door of a command to the process it runs in. */
export interface CommandContext extends ContextParts {
  readonly runtime: {
    /** Version of Node. */
    readonly node: string;
    /** Operating system and processor. */
    readonly platform: string;
  };
  readonly clock: { readonly nowMs: () => number; readonly wallMs: () => number };
  /**
   * Aborted when stdout takes no more: its reader is gone (`| head`, reason code EPIPE) or it
   * failed. Commands without an end of their own (`logs -f`) stop then; all others may ignore it,
   * because later writes are dropped.
   */
  readonly outputClosed: AbortSignal;
}

/**
 * Completes a context. From here on a stdout or stderr that fails ends in `outputClosed` instead of
 * an uncaught exception, so that `cluster-chat ps | head -1` ends quietly.
 */
export function createContext(parts: ContextParts): CommandContext {
  const closed = new AbortController();
  parts.stdout.on('error', (error) => closed.abort(error));
  // When nobody reads stderr there is no place left to complain to.
  parts.stderr.on('error', () => undefined);
  return {
    ...parts,
    // Read at every use, because a terminal can be resized while a command runs.
    get columns() {
      return parts.columns;
    },
    get rows() {
      return parts.rows;
    },
    runtime: { node: process.versions.node, platform: `${process.platform} ${process.arch}` },
    clock: { nowMs, wallMs },
    outputClosed: closed.signal,
  };
}

/** The context of the real process. */
export function createProcessContext(): CommandContext {
  return createContext({
    args: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    isTTY: process.stdout.isTTY === true,
    get columns() {
      return process.stdout.columns ?? 80;
    },
    get rows() {
      return process.stdout.rows ?? 24;
    },
    onSignal: onProcessSignal,
  });
}

function onProcessSignal(listener: (signal: EndSignal) => void): () => void {
  const signals: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/** Writes one line to stdout; dropped when nobody reads it any more. */
export function printLine(context: CommandContext, line: string): void {
  if (!context.outputClosed.aborted) context.stdout.write(`${line}\n`);
}

/** Whether stdout failed for another reason than a reader that left early; undefined when it did not. */
export function outputFailure(context: CommandContext): unknown {
  if (!context.outputClosed.aborted) return undefined;
  const reason: unknown = context.outputClosed.reason;
  const code = systemCodeOf(reason);
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' ? undefined : reason;
}

/** Resolves when everything written so far has left the process, or never will. */
export async function flushOutput(context: CommandContext): Promise<void> {
  for (const stream of [context.stdout, context.stderr]) {
    if (stream.destroyed || stream.errored !== null) continue;
    await new Promise<void>((resolve) => {
      stream.once('close', resolve);
      stream.once('error', () => resolve());
      stream.write('', () => resolve());
    });
  }
}
