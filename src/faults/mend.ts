import type { Fault } from './fault.js';

/** The link is whole again; the nodes come back by themselves. */
export const mendFault: Fault = {
  verb: 'mend',
  description: 'Mend the link to the broker',
  target: 'broker-link',
  options: {},
  killed: false,
  disturbs: false,
  brings: false,
  inject: ({ cluster }, name) => cluster.mend(name),
};
