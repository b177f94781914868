import { AppError } from '../core/errors.js';
import { formatDuration } from '../core/quantity.js';
import { describeExit, type Exit } from './exit.js';

/** A process that ended before it was ready, with what it said last. */
export function failedAtStart(name: string, exit: Exit, lastLines: readonly string[]): AppError {
  return new AppError('process-failed', withLines(`${name} ended while starting: ${describeExit(exit)}`, lastLines), {
    hint: isPortTaken(lastLines)
      ? 'Its port is taken: choose another with --port, or end the program that listens on it.'
      : `The lines above are the last that ${name} wrote; run it alone to see more.`,
  });
}

/** Whether a process says that another listens on its port; whatever program it is, it calls that so. */
export function isPortTaken(lastLines: readonly string[]): boolean {
  return lastLines.some((line) => line.includes('EADDRINUSE'));
}

/** A process that lives but did not say that it is ready. */
export function notReady(name: string, timeoutMs: number, lastLines: readonly string[]): AppError {
  return new AppError('not-ready', withLines(`${name} was not ready after ${formatDuration(timeoutMs)}`, lastLines), {
    hint: 'It must print {"ready":true,"name":…,"port":…,"url":…} as one line on stdout when it can be used.',
  });
}

function withLines(message: string, lastLines: readonly string[]): string {
  return [message, ...lastLines.map((line) => `  | ${line}`)].join('\n');
}
