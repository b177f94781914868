import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Backend, ToBalancer } from '../../src/cluster/balancer-link.js';
import type { BalancerProgram } from '../../src/cluster/balancer-program.js';
import type { Child } from '../../src/cluster/child.js';
import type { NodeAddress } from '../../src/cluster/cluster.js';
import { HaproxyProgram } from '../../src/cluster/haproxy-program.js';
import { NginxProgram } from '../../src/cluster/nginx-program.js';
import { Supervisor } from '../../src/cluster/supervisor.js';
import { nodeSpecs, type Topology } from '../../src/cluster/topology.js';
import { waitUntil } from '../../src/core/clock.js';
import type { PolicyName } from '../../src/proxy/policy.js';

export type ProgramKind = 'haproxy' | 'nginx';

/** Two real nodes behind a real balancer, with its process in the test's hands. */
export interface DoorCluster {
  readonly supervisor: Supervisor;
  readonly nodes: readonly [NodeAddress, NodeAddress];
  readonly url: string;
  tell(message: ToBalancer): Promise<boolean>;
}

/** Ended with the test. */
export async function openDoorCluster(kind: ProgramKind, policy: PolicyName = 'round-robin'): Promise<DoorCluster> {
  const topology: Topology = { nodes: 2, brokerKind: 'simple', balancerKind: kind, policy, port: 0 };
  const supervisor = new Supervisor({ env: process.env });
  onTestFinished(() => supervisor.close({ graceMs: 0 }));
  const program = openProgram(kind, topology);
  supervisor.balancerProgram = program;
  await Promise.all(
    nodeSpecs(topology, () => 'simple', 'a secret of this test').map((spec) => supervisor.launch(spec)),
  );
  const child: Child = await supervisor.launch(await program.prepare(supervisor.backends));
  const [first, second] = supervisor.nodes;
  if (first === undefined || second === undefined) throw new Error('there are two nodes');
  const url = supervisor.balancerUrl ?? '';
  return { supervisor, nodes: [first, second], url, tell: (message) => program.tell(child, message) };
}

function openProgram(kind: ProgramKind, topology: Topology): BalancerProgram {
  return kind === 'haproxy' ? new HaproxyProgram(topology, process.env) : new NginxProgram(topology, process.env);
}

/** An open WebSocket and the cookie that came with it; rejects when it is refused. Ended with the test. */
export async function connectTo(
  url: string,
  cookie?: string,
): Promise<{ socket: WebSocket; cookie: string | undefined }> {
  const socket = new WebSocket(url, ['v12.stomp'], cookie === undefined ? {} : { headers: { cookie } });
  onTestFinished(() => socket.terminate());
  let given: string | undefined;
  socket.once('upgrade', (response) => {
    given = response.headers['set-cookie']?.[0]?.split(';')[0];
  });
  await once(socket, 'open');
  // Whoever is cut later is no failure of the test by itself.
  socket.on('error', () => undefined);
  return { socket, cookie: given };
}

/** What a node says of its own connections. */
export async function connectionsOf(node: NodeAddress): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${node.port}/health`);
  return ((await response.json()) as { connections: number }).connections;
}

/** Whether a node comes to have so many. */
export function comesToHave(node: NodeAddress, connections: number): Promise<boolean> {
  return waitUntil(async () => (await connectionsOf(node)) === connections, { timeoutMs: 30_000 });
}

/** HAProxy that begins to start in front of servers that the test itself plays; ended with it. */
export async function launchHaproxy(
  backends: readonly Backend[],
): Promise<{ readonly supervisor: Supervisor; readonly program: BalancerProgram; readonly ready: Promise<Child> }> {
  const topology: Topology = {
    nodes: backends.length,
    brokerKind: 'simple',
    balancerKind: 'haproxy',
    policy: 'round-robin',
    port: 0,
  };
  const supervisor = new Supervisor({ env: process.env });
  onTestFinished(() => supervisor.close({ graceMs: 0 }));
  const program = new HaproxyProgram(topology, process.env);
  supervisor.balancerProgram = program;
  const spec = await program.prepare(backends);
  return { supervisor, program, ready: supervisor.launch(spec) };
}
