import type { Fault } from './fault.js';

/** Drain and start in one, as a rolling deployment does it. */
export const restartFault: Fault = {
  killed: false,
  disturbs: true,
  inject: (cluster, name) => cluster.restart(name),
};
