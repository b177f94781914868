import { AppError } from '../core/errors.js';
import { moments } from '../core/moment.js';
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
  moment: {
    type: 'choice',
    description:
      'With kill: where in its work with the next message of the load a node dies, by its own SIGKILL. at-once (the ' +
      'default), before-ack (the broker has confirmed it, its RECEIPT is not sent), before-fan-out (the broker has ' +
      'brought it, nobody got it), or mid-fan-out (half of the subscriptions got it).',
    values: ['at-once', ...moments],
    default: 'at-once',
    isPlain: true,
  },
} as const satisfies FaultOptions;

/** The process ends at once, or at a moment of its work, with everything it had in memory. */
export const killFault: Fault<typeof options> = {
  verb: 'kill',
  description: 'Kill without warning',
  target: 'process',
  options,
  broughtBackBy: 'start',
  killed: true,
  disturbs: true,
  brings: false,
  async inject({ cluster }, name, { signal, moment }) {
    if (moment !== 'at-once') return cluster.killAt(name, moment);
    const outcome = await cluster.kill(name, signal);
    if (!outcome.hasExited) throw new AppError('control-failed', `${name} took ${signal} and lives on.`);
  },
};
