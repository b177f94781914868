import type { Fault } from './fault.js';

/** The end of an earlier kill or stop: the process comes back on the same port. */
export const startFault: Fault = {
  killed: false,
  disturbs: false,
  inject: (cluster, name) => cluster.start(name),
};
