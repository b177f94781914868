import type { Cluster } from '../cluster/cluster.js';
import { runCommand } from '../cluster/command.js';
import type { FaultScene } from '../faults/fault.js';
import type { RunOptions } from './run-options.js';

/** What the faults of a run may reach: its cluster, clients and record, and commands with the user's own environment. */
export function faultScene(
  cluster: Cluster,
  { env, seed, abort }: RunOptions,
  doors: Pick<FaultScene, 'clients' | 'record'>,
): FaultScene {
  return {
    ...{ cluster, seed, abort },
    ...doors,
    run: (command, timeoutMs, signal) => runCommand(command, { env, timeoutMs, signal }),
  };
}
