import type { Cluster, NodeAddress } from '../cluster/cluster.js';
import type { ClusterEvent } from '../cluster/event.js';
import { openCluster } from '../cluster/open-cluster.js';
import { AppError } from '../core/errors.js';
import type { ClusterSystem, Scenario } from './scenario.js';

/** What the run tests: a cluster of ours, or addresses of the user's. */
export interface System {
  /** Also carries the workers; without nodes of ours it consists of nothing else. */
  readonly cluster: Cluster;
  readonly nodes: readonly { readonly name: string; readonly url: string }[];
  readonly balancerUrl: string | undefined;
  readonly brokerKind: string;
  readonly balancerKind: string;
}

export interface SystemOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFolder: string | undefined;
  readonly signal: AbortSignal;
  readonly isExecAllowed: boolean;
  readonly onEvent: (event: ClusterEvent) => void;
}

function topologyOf(system: ClusterSystem, options: SystemOptions) {
  const { program } = system;
  if (program !== undefined && !options.isExecAllowed) {
    throw new AppError('usage', 'The scenario starts a program of its own (cluster.program).', {
      hint: 'Read it, then say --allow-exec.',
    });
  }
  if (system.balancer.kind === 'haproxy' || system.balancer.kind === 'nginx') {
    throw new AppError('usage', `The balancer ${system.balancer.kind} cannot be started yet.`, {
      hint: 'Use embedded or none.',
    });
  }
  const [command, ...args] = program ?? [];
  return {
    nodes: system.nodes,
    brokerKind: system.broker,
    sessions: system.sessions,
    balancerKind: system.balancer.kind,
    policy: system.balancer.policy,
    port: system.port,
    ...(command === undefined ? {} : { program: [command, ...args] as const }),
  };
}

/** Starts what the scenario is about; resolves when every node is ready. */
export async function openSystem(scenario: Scenario, options: SystemOptions): Promise<System> {
  const { system } = scenario;
  const common = {
    env: options.env,
    project: 'run',
    signal: options.signal,
    onEvent: options.onEvent,
    ...(options.logFolder === undefined ? {} : { logFolder: options.logFolder }),
  };
  if (system.type === 'cluster') {
    const cluster = await openCluster(topologyOf(system, options), common);
    return {
      cluster,
      nodes: cluster.nodes.map(({ name, url }: NodeAddress) => ({ name, url })),
      balancerUrl: cluster.balancerUrl,
      brokerKind: system.broker.replace(/:.*/s, ''),
      balancerKind: system.balancer.kind,
    };
  }
  const empty = { nodes: 0, brokerKind: 'simple', balancerKind: 'none', policy: 'round-robin', port: 0 } as const;
  return {
    cluster: await openCluster(empty, common),
    nodes: system.urls.map((url, index) => ({ name: `node-${index + 1}`, url })),
    balancerUrl: undefined,
    brokerKind: 'target',
    balancerKind: 'none',
  };
}
