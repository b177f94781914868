import type { Fault } from './fault.js';

/** The process drains: it says goodbye to its clients and ends by itself. */
export const stopFault: Fault = {
  killed: false,
  disturbs: true,
  inject: (cluster, name) => cluster.stop(name),
};
