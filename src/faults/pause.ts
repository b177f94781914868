import type { Cluster } from '../cluster/cluster.js';
import type { Fault } from './fault.js';

function isPaused(cluster: Cluster, name: string): boolean {
  return cluster.lastStatus.some((process) => process.name === name && process.state === 'hung');
}

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
    if (isPaused(cluster, name)) await cluster.unpause(name);
  },
};
