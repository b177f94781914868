import type { Cluster } from '../cluster/cluster.js';
import type { ClusterEvent } from '../cluster/event.js';
import { openCluster } from '../cluster/open-cluster.js';
import type { Topology } from '../cluster/topology.js';
import { AppError } from '../core/errors.js';
import type { ProcessStatus } from '../record/snapshot.js';
import { callersEnvironment } from './surroundings.js';

/** A cluster as `cluster-chat up` takes it, with its defaults; but on free ports, so that tests run side by side. */
export interface StartClusterOptions {
  readonly nodes?: number;
  /** `simple`, `embedded`, or the URL of a broker. */
  readonly broker?: string;
  /** How long the embedded broker keeps messages for those who come back, at least 1,000; five minutes unless told otherwise. */
  readonly historyMs?: number;
  readonly balancer?: Topology['balancerKind'];
  readonly policy?: Topology['policy'];
  /** Where the nodes keep HTTP sessions: `memory`, or the URL of a Redis. */
  readonly sessions?: string;
  /** The balancer's; the nodes have those that follow. */
  readonly port?: number;
  /** Ends the start: everything is taken down and the promise rejects with its reason. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: ClusterEvent) => void;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One node. Each verb resolves when its effect was seen, and rejects with an AppError when there was none. */
export interface ClusterNode {
  readonly name: string;
  /** Of its WebSocket. */
  readonly url: string;
  /** SIGKILL unless told otherwise. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Takes it out of the balancer and lets it drain. */
  stop(): Promise<void>;
  start(): Promise<void>;
  restart(): Promise<void>;
  /** Hangs the node (SIGSTOP) while `during` is carried out, and wakes it again whatever comes of that. */
  paused<Value>(during: () => Promise<Value>): Promise<Value>;
}

/** A running cluster, which ends with its disposal: `await using cluster = await startCluster()`. */
export interface StartedCluster extends AsyncDisposable {
  /** WebSocket URL of the front door; undefined without a balancer. */
  readonly balancerUrl: string | undefined;
  readonly brokerUrl: string;
  readonly nodes: readonly ClusterNode[];
  /** @param number from 1, as in `node-1`. @throws AppError `not-found` */
  node(number: number): ClusterNode;
  status(): Promise<ProcessStatus[]>;
  /** Ends every process. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts relay nodes with a broker and a balancer in processes of their own; resolves when all are ready. Writes to no
 * stream and sets no signal handler; no process outlives this one by more than two seconds.
 * @throws AppError `port-taken`, `broker-unreachable`, `not-ready`, `process-failed` …
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<StartedCluster> {
  const cluster = await openCluster(
    {
      nodes: options.nodes ?? 3,
      brokerKind: options.broker ?? 'embedded',
      balancerKind: options.balancer ?? 'embedded',
      policy: options.policy ?? 'round-robin',
      port: options.port ?? 0,
      ...(options.historyMs === undefined ? {} : { historyMs: options.historyMs }),
      ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
    },
    {
      env: options.env ?? callersEnvironment(),
      project: 'library',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    },
  );
  const nodes = cluster.nodes.map(({ name, url }) => nodeOf(cluster, name, url));
  return {
    balancerUrl: cluster.balancerUrl,
    brokerUrl: cluster.brokerUrl,
    nodes,
    node(number) {
      const node = nodes[number - 1];
      if (node !== undefined) return node;
      throw new AppError('not-found', `There is no node-${number}.`, { hint: `There are node-1 to ${nodes.length}.` });
    },
    status: () => cluster.status(),
    close: () => cluster.close(),
    [Symbol.asyncDispose]: () => cluster.close(),
  };
}

function nodeOf(cluster: Cluster, name: string, url: string): ClusterNode {
  return {
    name,
    url,
    async kill(signal) {
      const { hasExited } = await cluster.kill(name, signal);
      if (!hasExited) throw new AppError('control-failed', `${name} lives on after ${signal}.`);
    },
    stop: () => cluster.stop(name),
    start: () => cluster.start(name),
    restart: () => cluster.restart(name),
    async paused(during) {
      await cluster.pause(name);
      try {
        return await during();
      } finally {
        await cluster.unpause(name);
      }
    },
  };
}
