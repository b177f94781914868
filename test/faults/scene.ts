import type { Cluster } from '../../src/cluster/cluster.js';
import { runCommand } from '../../src/cluster/command.js';
import type { FaultScene } from '../../src/faults/fault.js';

/** What faults may reach, as a run makes it. */
export function sceneOf(cluster: Cluster, seed = 4711): FaultScene {
  return {
    cluster,
    seed,
    run: (command, timeoutMs, signal) => runCommand(command, { env: process.env, timeoutMs, signal }),
    abort: new AbortController().signal,
  };
}
