import type { Cluster, NodeAddress } from '../cluster/cluster.js';
import type { ClusterEvent } from '../cluster/event.js';
import { openCluster } from '../cluster/open-cluster.js';
import { AppError } from '../core/errors.js';
import { faultOf } from '../faults/registry.js';
import { allSteps } from './all-steps.js';
import { disturbedLinks } from './disturbed-links.js';
import type { ClientGroup, ClusterSystem, Scenario, Step } from './scenario.js';

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
  /** Where nodes of ours keep journals of what happens to the run's messages. */
  readonly journalFolder: string;
  readonly signal: AbortSignal;
  readonly isExecAllowed: boolean;
  readonly onEvent: (event: ClusterEvent) => void;
}

/** What nodes offer unless told otherwise. */
const usualHeartbeatMs = 10_000;

/**
 * The shortest heart-beat that clients ask for. The longer wish of the two sides counts [STOMP 1.2, Heart-beating],
 * so a node that offers its usual ten seconds would leave clients that want to notice sooner in the dark.
 */
function shortestHeartbeatMs(clients: readonly ClientGroup[]): number | undefined {
  const wishes = clients.map((group) => group.heartbeatMs).filter((ms) => ms > 0 && ms < usualHeartbeatMs);
  return wishes.length === 0 ? undefined : Math.min(...wishes);
}

function topologyOf(system: ClusterSystem, scenario: Scenario, options: SystemOptions) {
  const { program } = system;
  const [command, ...args] = program ?? [];
  const heartbeatMs = shortestHeartbeatMs(scenario.clients);
  return {
    nodes: system.nodes,
    brokerKind: system.broker,
    ...(system.historyMs === undefined ? {} : { historyMs: system.historyMs }),
    sessions: system.sessions,
    balancerKind: system.balancer.kind,
    policy: system.balancer.policy,
    port: system.port,
    journalFolder: options.journalFolder,
    passages: disturbedLinks(scenario),
    clocks: steppedClocks(allSteps(scenario), system.nodes),
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    ...(command === undefined ? {} : { program: [command, ...args] as const }),
  };
}

/** A scenario may come from anybody; it runs nothing of its own unless the user has said so. */
function requireConsent(scenario: Scenario, isExecAllowed: boolean): void {
  if (isExecAllowed) return;
  const { system } = scenario;
  const hint = 'Read it, then say --allow-exec.';
  if (system.type === 'cluster' && system.program !== undefined) {
    throw new AppError('usage', 'The scenario starts a program of its own (cluster.program).', { hint });
  }
  const runs = allSteps(scenario).some(({ type }) => faultOf(type).target === 'command');
  if (runs) throw new AppError('usage', 'The scenario runs commands of its own (exec in its steps).', { hint });
}

/** The processes that need a clock of their own, because a step steps it. */
function steppedClocks(steps: readonly Step[], nodes: number): readonly string[] {
  const all = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
  const stepped = steps
    .filter(({ type }) => type === 'clock')
    .flatMap(({ targets }) => (targets === 'random' ? all : targets));
  return [...new Set(stepped)];
}

/** Starts what the scenario is about; resolves when every node is ready. */
export async function openSystem(scenario: Scenario, options: SystemOptions): Promise<System> {
  const { system } = scenario;
  requireConsent(scenario, options.isExecAllowed);
  for (const { type } of allSteps(scenario)) faultOf(type).checkMachine?.(options.env);
  const common = {
    env: options.env,
    project: 'run',
    signal: options.signal,
    onEvent: options.onEvent,
    ...(options.logFolder === undefined ? {} : { logFolder: options.logFolder }),
  };
  if (system.type === 'cluster') {
    const { readyTimeoutMs } = system;
    const cluster = await openCluster(topologyOf(system, scenario, options), { ...common, readyTimeoutMs });
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
