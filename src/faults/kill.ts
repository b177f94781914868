import { AppError } from '../core/errors.js';
import type { Fault } from './fault.js';

/** The process ends at once, with everything it had in memory. */
export const killFault: Fault = {
  killed: true,
  disturbs: true,
  async inject(cluster, name, request) {
    const signal = request.type === 'kill' ? request.signal : 'SIGKILL';
    const outcome = await cluster.kill(name, signal);
    if (!outcome.hasExited) throw new AppError('control-failed', `${name} took ${signal} and lives on.`);
  },
};
