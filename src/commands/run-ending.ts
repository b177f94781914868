import { AppError } from '../core/errors.js';
import type { ExitCode } from '../core/exit-code.js';
import { formatDuration } from '../core/quantity.js';
import type { CommandContext } from './context.js';
import { listenForEnd } from './end-request.js';

/** The ways in which a run is ended from outside: in peace, at once, or by its time limit. */
export interface RunEnding extends Disposable {
  /** Ask for the load to end, a drain and a report; aborted once. */
  readonly stop: AbortSignal;
  /** End everything now. Its reason is an AppError `timeout` when the time limit did it. */
  readonly abort: AbortSignal;
  /** One more request to end by other means than a signal: a key. */
  request(force: boolean): void;
  /** Exit code of a run that a user ended. */
  code(): ExitCode;
}

/**
 * The first signal ends the run in peace, the second at once; past the time limit it is ended as by the second.
 */
export function listenForRunEnding(context: CommandContext, options: { timeoutMs: number }): RunEnding {
  const end = listenForEnd(context);
  const stop = new AbortController();
  const abort = new AbortController();
  const request = (force: boolean): void => {
    if (force) abort.abort();
    stop.abort();
  };
  end.first.addEventListener('abort', () => request(stop.signal.aborted), { once: true });
  end.second.addEventListener('abort', () => request(true), { once: true });
  const timer = setTimeout(() => {
    const { timeoutMs } = options;
    const hint = 'A longer one is set by the key timeout of the scenario, or --set timeout=….';
    abort.abort(
      new AppError('timeout', `The run was ended after its time limit of ${formatDuration(timeoutMs)}.`, { hint }),
    );
  }, options.timeoutMs);
  return {
    stop: stop.signal,
    abort: abort.signal,
    request,
    code: () => end.forcedCode(),
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      end[Symbol.dispose]();
    },
  };
}
