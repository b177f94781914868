import { randomToken } from '../core/random.js';
import type { PolicyName } from '../proxy/policy.js';
import type { LinkSide } from './link-side.js';
import type { ProcessSpec } from './process-spec.js';

/** `embedded` is ours; `haproxy` and `nginx` are the real programs, which must be installed. */
export type BalancerKind = 'embedded' | 'haproxy' | 'nginx' | 'none';

/** What a cluster consists of. */
export interface Topology {
  /** How many relay nodes; they are called node-1, node-2 … */
  readonly nodes: number;
  /** `simple` (each node alone), `embedded` (a broker process of ours), or the URL of a broker that runs already. */
  readonly brokerKind: string;
  /** How long the embedded broker keeps messages for those who come back; its default when undefined. Of no other broker. */
  readonly historyMs?: number;
  /** Where the nodes keep HTTP sessions: `memory` (the default), or the URL of a Redis that runs already. */
  readonly sessions?: string;
  readonly balancerKind: BalancerKind;
  readonly policy: PolicyName;
  /** Address to listen on; 127.0.0.1 unless told otherwise. */
  readonly host?: string;
  /** The balancer's; the nodes have those that follow, with or without a balancer. 0 for any free ones. */
  readonly port: number;
  /** Which links of the nodes lead through passages that can be cut and poisoned; `broker` needs one without TLS. */
  readonly passages?: readonly LinkSide[];
  /** Processes whose wall clocks may be stepped; only they have one of their own. */
  readonly clocks?: readonly string[];
  /** Heart-beats that our own nodes offer; their default when undefined. */
  readonly heartbeatMs?: number;
  /** Where the nodes keep journals of what happens to a run's messages; they keep none without it. */
  readonly journalFolder?: string;
  /** What to run in place of our own node; `{name}`, `{host}` and `{port}` are replaced in every word. */
  readonly program?: readonly [string, ...string[]];
}

/** A node learns by this where HTTP sessions live: the URL may carry a password, and a command line is public. */
export const sessionsVariable = 'CLUSTER_CHAT_SESSIONS';

/** A node learns by this in which folder to keep a journal of what happens to a run's messages. */
export const journalVariable = 'CLUSTER_CHAT_JOURNAL';

/** Whether this can be where HTTP sessions live. */
export function isSessionsAddress(text: string): boolean {
  return text === 'memory' || (/^rediss?:\/\/[^\s]+$/.test(text) && URL.canParse(text));
}

/** The names of the nodes, in their order. */
export function nodeNames(topology: Topology): string[] {
  return Array.from({ length: topology.nodes }, (_, index) => `node-${index + 1}`);
}

function hostOf(topology: Topology): string {
  return topology.host ?? '127.0.0.1';
}

const listenWords = ['--host', '{host}', '--port', '{port}'] as const;

function historyWords({ historyMs }: Topology): string[] {
  return historyMs === undefined ? [] : ['--history', `${historyMs}ms`];
}

/** The broker process; undefined when there is none of ours. */
export function brokerSpec(topology: Topology, secret: string): ProcessSpec | undefined {
  if (topology.brokerKind !== 'embedded') return undefined;
  return {
    name: 'broker',
    role: 'broker',
    command: { type: 'own', args: ['broker', ...listenWords, ...historyWords(topology)] },
    host: hostOf(topology),
    // Never of the block of public ports: nobody but the nodes speaks to it.
    port: 0,
    env: { CLUSTER_CHAT_SECRET: secret },
  };
}

/** The process of the passages; undefined when no link is to be disturbed. */
export function passagesSpec(topology: Topology): ProcessSpec | undefined {
  if (topology.passages === undefined || topology.passages.length === 0) return undefined;
  return {
    name: 'passages',
    role: 'passages',
    command: { type: 'own', args: ['passages'] },
    host: '127.0.0.1',
    // Each passage has one; the process itself has none.
    port: null,
    env: {},
  };
}

/** Our balancer process; undefined when there is none of ours. It learns its backends when the nodes are ready. */
export function balancerSpec(topology: Topology): ProcessSpec | undefined {
  if (topology.balancerKind !== 'embedded') return undefined;
  return {
    name: 'balancer',
    role: 'balancer',
    command: { type: 'own', args: ['balancer', ...listenWords, '--policy', topology.policy] },
    host: hostOf(topology),
    port: topology.port,
    env: {},
  };
}

function heartbeatWords({ heartbeatMs }: Topology): string[] {
  return heartbeatMs === undefined ? [] : ['--limit', `heartbeatMs=${heartbeatMs}ms`];
}

/** All node processes. Broker, secret and store of sessions go by environment, because a command line is public. */
export function nodeSpecs(topology: Topology, brokerUrlOf: (node: string) => string, secret: string): ProcessSpec[] {
  return nodeNames(topology).map((name, index) => ({
    name,
    role: 'node',
    command:
      topology.program === undefined
        ? { type: 'own', args: ['node', '--name', '{name}', ...listenWords, ...heartbeatWords(topology)] }
        : { type: 'program', argv: topology.program },
    host: hostOf(topology),
    port: topology.port === 0 ? 0 : topology.port + 1 + index,
    env: {
      CLUSTER_CHAT_BROKER: brokerUrlOf(name),
      CLUSTER_CHAT_SECRET: secret,
      [sessionsVariable]: topology.sessions ?? 'memory',
      ...(topology.journalFolder === undefined ? {} : { [journalVariable]: topology.journalFolder }),
    },
  }));
}

/** What the nodes of one cluster share: it signs sessions, so that a client may change nodes. */
export function newClusterSecret(): string {
  return randomToken(32);
}
