import type { Fault } from './fault.js';

/** The balancer reads its configuration again: a new worker takes new connections, the old one keeps those it has. */
export const reloadFault: Fault = {
  verb: 'reload',
  description: 'Let the balancer read its configuration again',
  target: 'configured-balancer',
  options: {},
  killed: false,
  disturbs: true,
  brings: false,
  inject: ({ cluster }, name) => cluster.trouble.reload(name),
};
