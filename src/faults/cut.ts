import type { Fault } from './fault.js';

/** The link between nodes and broker breaks: every connection is reset, and none comes through until it is mended. */
export const cutFault: Fault = {
  verb: 'cut',
  description: 'Cut the link to the broker',
  target: 'broker-link',
  options: {},
  endedBy: 'mend',
  killed: false,
  disturbs: true,
  brings: false,
  inject: ({ cluster }, name) => cluster.cut(name),
  heal: ({ cluster }, name) => cluster.mend(name),
};
