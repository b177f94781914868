import type { Fault } from './fault.js';

/** The process drains: it says goodbye to its clients and ends by itself. */
export const stopFault: Fault = {
  verb: 'stop',
  description: 'Drain, then end',
  target: 'process',
  options: {},
  broughtBackBy: 'start',
  killed: false,
  disturbs: true,
  brings: false,
  inject: ({ cluster }, name) => cluster.stop(name),
};
