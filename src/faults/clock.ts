import { findFaketime } from '../cluster/wall-clocks.js';
import type { Fault } from './fault.js';
import type { FaultOptions } from './option.js';

const options = {
  by: {
    type: 'shift',
    description: 'With clock: by how much it is stepped.',
    // It is seen by the Date of an answer, which has whole seconds.
    leastMs: 4_000,
  },
} as const satisfies FaultOptions;

/**
 * The wall clock of a process jumps, and goes on from there; the monotonic one does not, and with it no timer. When it
 * heals it jumps back, which is a step of its own.
 */
export const clockFault: Fault<typeof options> = {
  verb: 'clock',
  description: 'Step the wall clock of the process',
  target: 'process',
  options,
  endedBy: 'heal',
  outlivesProcess: true,
  killed: false,
  disturbs: true,
  brings: false,
  checkMachine: () => void findFaketime(),
  inject: ({ cluster }, name, { by }) => cluster.trouble.stepClock(name, by),
  heal: ({ cluster }, name) => cluster.trouble.restoreClock(name),
};
