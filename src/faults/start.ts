import type { Fault } from './fault.js';

/** The end of an earlier kill or stop: the process comes back on the same port. */
export const startFault: Fault = {
  verb: 'start',
  description: 'Start again',
  target: 'process',
  options: {},
  killed: false,
  disturbs: false,
  brings: true,
  inject: ({ cluster }, name) => cluster.start(name),
};
