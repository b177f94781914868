import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/cluster.js';
import type { ClusterOptions } from '../../src/cluster/cluster-options.js';
import type { ClusterEvent } from '../../src/cluster/event.js';
import { openCluster } from '../../src/cluster/open-cluster.js';
import { identify, isAlive, type ProcessIdentity } from '../../src/cluster/pid.js';
import type { Topology } from '../../src/cluster/topology.js';

/** Plays node, broker and balancer. */
export const standIn = join(import.meta.dirname, 'fixtures', 'stand-in.js');

export const twoNodes: Topology = {
  nodes: 2,
  brokerKind: 'embedded',
  balancerKind: 'embedded',
  policy: 'round-robin',
  port: 0,
};

export interface TestCluster {
  readonly cluster: Cluster;
  readonly events: ClusterEvent[];
}

/** A cluster of stand-ins, with everything that happens to it. */
export async function openTestCluster(
  topology: Partial<Topology> = {},
  options: Partial<ClusterOptions> = {},
): Promise<TestCluster> {
  const events: ClusterEvent[] = [];
  const cluster = await openCluster(
    { ...twoNodes, ...topology },
    { env: process.env, bin: standIn, onEvent: (event) => events.push(event), ...options },
  );
  return { cluster, events };
}

/** Every process that the events tell of, for certain; to be asked while they live. */
export function identitiesOf(cluster: Cluster): ProcessIdentity[] {
  return cluster.lastStatus
    .flatMap(({ pid }) => (pid === null ? [] : [identify(pid)]))
    .filter((one) => one !== undefined);
}

/** Those of them that still run. */
export function survivors(identities: readonly ProcessIdentity[]): ProcessIdentity[] {
  return identities.filter(isAlive);
}

/** The JSON that a stand-in answers. */
export async function askStandIn(url: string, path = '/health'): Promise<Record<string, unknown>> {
  const address = url.replace(/^(ws|stomp)/, 'http').replace(/\/ws$/, '');
  const response = await fetch(`${address}${path}`);
  return (await response.json()) as Record<string, unknown>;
}
