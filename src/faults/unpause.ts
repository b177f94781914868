import type { Fault } from './fault.js';

/** SIGCONT: it goes on as if nothing had been. */
export const unpauseFault: Fault = {
  verb: 'unpause',
  description: 'Let go on',
  target: 'process',
  options: {},
  killed: false,
  disturbs: false,
  brings: false,
  inject: ({ cluster }, name) => cluster.unpause(name),
};
