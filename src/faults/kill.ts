import { AppError } from '../core/errors.js';
import type { Fault } from './fault.js';
import type { FaultOptions } from './option.js';

const options = {
  signal: {
    type: 'choice',
    description: 'The signal of a kill; SIGKILL by default.',
    // Signals that end a process in some way; anything else is no fault.
    values: ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGABRT', 'SIGSEGV'],
    default: 'SIGKILL',
  },
} as const satisfies FaultOptions;

/** The process ends at once, with everything it had in memory. */
export const killFault: Fault<typeof options> = {
  verb: 'kill',
  description: 'Kill without warning',
  target: 'process',
  options,
  killed: true,
  disturbs: true,
  brings: false,
  async inject({ cluster }, name, { signal }) {
    const outcome = await cluster.kill(name, signal);
    if (!outcome.hasExited) throw new AppError('control-failed', `${name} took ${signal} and lives on.`);
  },
};
