import type { Fault } from './fault.js';

/** Drain and start in one, as a rolling deployment does it. */
export const restartFault: Fault = {
  verb: 'restart',
  description: 'Stop, then start',
  target: 'process',
  options: {},
  killed: false,
  disturbs: true,
  brings: true,
  inject: ({ cluster }, name) => cluster.restart(name),
};
