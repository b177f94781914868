import { onTestFinished } from 'vitest';
import type { ClusterOptions } from '../../src/cluster/cluster-options.js';
import { openCluster } from '../../src/cluster/open-cluster.js';
import { Supervisor } from '../../src/cluster/supervisor.js';
import type { Topology } from '../../src/cluster/topology.js';
import { Injector } from '../../src/faults/injector.js';
import { twoNodes } from '../cluster/test-cluster.js';
import { sceneOf } from './scene.js';

/** A real cluster, and who does faults to it. */
export interface FaultCluster {
  readonly cluster: Supervisor;
  readonly injector: Injector;
  /** Where clients reach a node, or `balancer`. */
  url(name: string): string;
}

/** Two nodes unless told otherwise; ended with the test. */
export async function openFaultCluster(
  topology: Partial<Topology> = {},
  options: Partial<ClusterOptions> = {},
): Promise<FaultCluster> {
  const cluster = await openCluster({ ...twoNodes, ...topology }, { env: process.env, ...options });
  onTestFinished(() => cluster.close());
  // Tests look behind the verbs: at ports and processes.
  if (!(cluster instanceof Supervisor)) throw new Error('a cluster is its supervisor');
  return { cluster, injector: new Injector(sceneOf(cluster)), url: (name) => cluster.urlOf(name) ?? '' };
}
