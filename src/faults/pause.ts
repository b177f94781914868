import type { Cluster } from '../cluster/cluster.js';
import type { Fault } from './fault.js';

function isPaused(cluster: Cluster, name: string): boolean {
  return cluster.lastStatus.some((process) => process.name === name && process.state === 'hung');
}

/** SIGSTOP: the process hangs, its connections stay open, and only heart-beats can tell. */
export const pauseFault: Fault = {
  killed: false,
  disturbs: true,
  inject: (cluster, name) => cluster.pause(name),
  async heal(cluster, name) {
    if (isPaused(cluster, name)) await cluster.unpause(name);
  },
};

/** SIGCONT: it goes on as if nothing had been. */
export const unpauseFault: Fault = {
  killed: false,
  disturbs: false,
  inject: (cluster, name) => cluster.unpause(name),
};
