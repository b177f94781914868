import type { Fault } from './fault.js';

/** SIGSTOP: the process hangs, its connections stay open, and only heart-beats can tell. */
export const pauseFault: Fault = {
  verb: 'pause',
  description: 'Freeze, connections stay open',
  target: 'process',
  options: {},
  endedBy: 'unpause',
  killed: false,
  disturbs: true,
  brings: false,
  inject: ({ cluster }, name) => cluster.pause(name),
  async heal({ cluster }, name) {
    if (cluster.isPaused(name)) await cluster.unpause(name);
  },
};
