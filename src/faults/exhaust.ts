import { findPrlimit } from '../cluster/descriptor-hunger.js';
import type { Fault } from './fault.js';

/**
 * The process has no file descriptor left, nor has any worker of it: whatever wants another (a connection, a file)
 * fails with EMFILE, and what is open stays. Who leaves gives a descriptor back, which the next one takes.
 */
export const exhaustFault: Fault = {
  verb: 'exhaust',
  description: 'Leave the process no file descriptor for another connection',
  target: 'process',
  options: {},
  endedBy: 'heal',
  killed: false,
  disturbs: true,
  brings: false,
  checkMachine: (env) => void findPrlimit(env),
  inject: ({ cluster }, name) => cluster.trouble.exhaust(name),
  heal: ({ cluster }, name) => cluster.trouble.replenish(name),
};
