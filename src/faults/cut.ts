import type { Fault } from './fault.js';

/** The link between nodes and broker breaks: every connection is reset, and none comes through until it is mended. */
export const cutFault: Fault = {
  killed: false,
  disturbs: true,
  inject: (cluster, name) => cluster.cut(name),
  heal: (cluster, name) => cluster.mend(name),
};

/** The link is whole again; the nodes come back by themselves. */
export const mendFault: Fault = {
  killed: false,
  disturbs: false,
  inject: (cluster, name) => cluster.mend(name),
};
