import type { ExitCode } from '../core/exit-code.js';
import { exitCode } from '../core/exit-code.js';
import type { CommandContext, EndSignal } from './context.js';

/** How the user asks a command to end: once to end in peace, twice to end now. */
export interface EndRequest extends Disposable {
  /** Aborted by the first signal. */
  readonly first: AbortSignal;
  /** Aborted by the second. */
  readonly second: AbortSignal;
  /** Asks as a signal would, by other means: a key. */
  request(): void;
  /** Exit code of an end that was forced, or that came before there was anything to end in peace. */
  forcedCode(): ExitCode;
}

/** Listens until it is disposed of; signals no longer end the process by themselves meanwhile. */
export function listenForEnd(context: CommandContext): EndRequest {
  const first = new AbortController();
  const second = new AbortController();
  let last: EndSignal = 'SIGINT';
  const request = (): void => {
    if (first.signal.aborted) second.abort();
    else first.abort();
  };
  const stop = context.onSignal((signal) => {
    last = signal;
    request();
  });
  return {
    first: first.signal,
    second: second.signal,
    request,
    forcedCode: () => (last === 'SIGINT' ? exitCode.interrupted : exitCode.terminated),
    [Symbol.dispose]: stop,
  };
}
