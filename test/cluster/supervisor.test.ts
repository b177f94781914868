import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClusterEvent } from '../../src/cluster/event.js';
import { openCluster } from '../../src/cluster/open-cluster.js';
import { groupMembers, identify, isStopped } from '../../src/cluster/pid.js';
import { refusesConnections } from '../../src/cluster/port.js';
import { waitUntil } from '../../src/core/clock.js';
import { AppError } from '../../src/core/errors.js';
import { standStill } from '../services/stand-still.js';
import { askStandIn, identitiesOf, openTestCluster, standIn, survivors, twoNodes } from './test-cluster.js';

const observe = { timeoutMs: 30_000 };

function stateOf(
  cluster: { lastStatus: readonly { name: string; state: string }[] },
  name: string,
): string | undefined {
  return cluster.lastStatus.find((status) => status.name === name)?.state;
}

async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AppError) return error;
  throw new Error('expected an AppError', { cause: error });
}

/** An event of a process's life; whether it answers in time is a matter of the machine. */
function lifeOf({ type }: ClusterEvent): ClusterEvent['type'][] {
  return type === 'process-hung' || type === 'process-answered' ? [] : [type];
}

test('a cluster is ready with every process up, and nothing is left of it after close', async () => {
  const { cluster } = await openTestCluster();
  const processes = identitiesOf(cluster);
  const states = async () => (await cluster.status()).map(({ name, role, state }) => `${name} ${role} ${state}`).sort();
  await expect.poll(states).toEqual(['balancer balancer up', 'broker broker up', 'node-1 node up', 'node-2 node up']);
  expect(cluster.lastStatus.find(({ name }) => name === 'node-1')).toMatchObject({
    connections: 5,
    cpuPercent: 1.5,
    restarts: 0,
  });
  expect(survivors(processes)).toHaveLength(4);
  await cluster.close();
  expect(survivors(processes)).toEqual([]);
  expect(await refusesConnections('127.0.0.1', cluster.nodes[0]?.port ?? 0)).toBe(true);
});

test('the balancer is told where the nodes are, and of a drain before a node stops', async () => {
  const { cluster } = await openTestCluster();
  await using _ = cluster;
  const url = cluster.balancerUrl ?? '';
  const expected = cluster.nodes.map(({ name, host, port }) => ({ name, host, port }));
  expect((await askStandIn(url))['backends']).toEqual(expected);
  await cluster.stop('node-2');
  expect((await askStandIn(url))['told']).toContainEqual({ type: 'drain', name: 'node-2' });
  await cluster.start('node-2');
  expect((await askStandIn(url))['told']).toContainEqual({ type: 'undrain', name: 'node-2' });
  await cluster.restart('balancer');
  expect((await askStandIn(url))['backends']).toEqual(expected);
});

test('a killed node is gone and its port refuses when kill resolves, and it starts again on the same port', async () => {
  const { cluster, events } = await openTestCluster();
  await using _ = cluster;
  const port = cluster.nodes[1]?.port ?? 0;
  const [before] = identitiesOf(cluster).filter(
    ({ pid }) => pid === cluster.lastStatus.find((s) => s.name === 'node-2')?.pid,
  );
  const outcome = await cluster.kill('node-2');
  expect(outcome).toMatchObject({ name: 'node-2', signal: 'SIGKILL', pid: before?.pid, hasExited: true });
  expect(survivors(before === undefined ? [] : [before])).toEqual([]);
  expect(await refusesConnections('127.0.0.1', port)).toBe(true);
  expect(stateOf(cluster, 'node-2')).toBe('down');
  await cluster.start('node-2');
  expect(cluster.lastStatus.find(({ name }) => name === 'node-2')).toMatchObject({ state: 'up', port, restarts: 1 });
  const types = events.filter(({ name }) => name === 'node-2').flatMap(lifeOf);
  expect(types).toEqual(['process-started', 'process-ready', 'process-exited', 'process-started', 'process-ready']);
});

test('what a terminal sends to the group of the supervisor reaches none of its children', async () => {
  const { cluster } = await openTestCluster();
  await using _ = cluster;
  const pids = identitiesOf(cluster).map(({ pid }) => pid);
  expect(pids).not.toEqual([]);
  for (const pid of pids) expect(groupMembers(pid).map((member) => member.pid)).toEqual([pid]);
});

test('a signal that a process ignores leaves it up', async () => {
  const { cluster } = await openTestCluster({ nodes: 1, balancerKind: 'none', brokerKind: 'simple' });
  await using _ = cluster;
  expect(await cluster.kill('node-1', 'SIGINT')).toMatchObject({ hasExited: false });
  await expect.poll(() => stateOf(cluster, 'node-1')).toBe('up');
  expect(await cluster.kill('node-1', 'SIGTERM')).toMatchObject({ hasExited: true });
});

test('a process that ended while this one stood still was not ignoring its signal', async () => {
  const { cluster, events } = await openTestCluster({ nodes: 1, balancerKind: 'none', brokerKind: 'simple' });
  await using _ = cluster;
  const pid = cluster.lastStatus[0]?.pid;
  const killing = cluster.kill('node-1', 'SIGTERM');
  const isThere = (): boolean => !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  while (isThere()) standStill(10);
  // Longer than it is waited for.
  standStill(2200);
  expect(await killing).toMatchObject({ hasExited: true });
  expect(stateOf(cluster, 'node-1')).toBe('down');
  expect(events.map(({ type }) => type)).not.toContain('process-crashed');
});

test('a process that ends long after the signal that it took has not crashed', async () => {
  const program = ['sh', '-c', `node ${standIn} node --name {name} --port {port} & trap 'sleep 3; exit 0' TERM; wait`];
  const { cluster, events } = await openTestCluster({
    ...{ nodes: 1, balancerKind: 'none', brokerKind: 'simple' },
    program: ['sh', ...program.slice(1)],
  });
  await using _ = cluster;
  expect(await cluster.kill('node-1', 'SIGTERM')).toMatchObject({ hasExited: false });
  await expect.poll(() => stateOf(cluster, 'node-1')).toBe('down');
  expect(events.at(-1)).toMatchObject({ type: 'process-exited', code: 0 });
});

test('a paused node is stopped and hung until it is unpaused', async () => {
  const { cluster, events } = await openTestCluster({ balancerKind: 'none', brokerKind: 'simple' });
  await using _ = cluster;
  const pid = cluster.lastStatus.find(({ name }) => name === 'node-1')?.pid ?? 0;
  await cluster.pause('node-1');
  expect(isStopped(pid)).toBe(true);
  expect(stateOf(cluster, 'node-1')).toBe('hung');
  expect((await failureOf(cluster.pause('node-1'))).message).toBe('node-1 is already paused');
  await cluster.unpause('node-1');
  expect(isStopped(pid)).toBe(false);
  await expect.poll(() => stateOf(cluster, 'node-1')).toBe('up');
  expect(events.flatMap(lifeOf).slice(-2)).toEqual(['process-paused', 'process-unpaused']);
});

test('a paused node dies by kill and by close', async () => {
  const { cluster } = await openTestCluster({ balancerKind: 'none', brokerKind: 'simple' });
  const processes = identitiesOf(cluster);
  await cluster.pause('node-1');
  await cluster.pause('node-2');
  expect(await cluster.kill('node-1')).toMatchObject({ hasExited: true });
  await cluster.close();
  expect(survivors(processes)).toEqual([]);
});

test('a node that lives but does not answer is hung', async () => {
  const { cluster, events } = await openTestCluster({ balancerKind: 'none', brokerKind: 'simple' });
  await using _ = cluster;
  const url = cluster.nodes[0]?.url ?? '';
  void askStandIn(url, '/spin').catch(() => undefined);
  expect(await waitUntil(() => stateOf(cluster, 'node-1') === 'hung', observe)).toBe(true);
  expect(events).toContainEqual(expect.objectContaining({ type: 'process-hung', name: 'node-1' }));
  await expect.poll(() => stateOf(cluster, 'node-2')).toBe('up');
});

test('an unwanted exit is reported with its code and last words, and nothing is started again', async () => {
  const { cluster, events } = await openTestCluster({ balancerKind: 'none', brokerKind: 'simple' });
  await using _ = cluster;
  await askStandIn(cluster.nodes[0]?.url ?? '', '/crash').catch(() => undefined);
  const crash = () => events.find(({ type }) => type === 'process-crashed');
  expect(await waitUntil(() => crash() !== undefined, observe)).toBe(true);
  expect(crash()).toMatchObject({ name: 'node-1', code: 3, signal: null });
  expect(crash()).toHaveProperty('lastLines', ['node-1 speaks before it is ready', 'the last words']);
  expect(cluster.lastStatus.find(({ name }) => name === 'node-1')).toMatchObject({ state: 'failed', pid: null });
});

test('a child that ends before it is ready takes the cluster down and shows its last 32 lines', async () => {
  const pids: number[] = [];
  const error = await failureOf(
    openTestCluster(
      {},
      {
        env: { ...process.env, STAND_IN_NODE_2: 'dies' },
        onEvent: (event) => {
          if (event.type === 'process-started') pids.push(event.pid);
        },
      },
    ),
  );
  expect(error.code).toBe('process-failed');
  expect(error.message).toContain('node-2 ended while starting: exit code 7');
  expect(error.message).toContain('| line 40');
  expect(error.message).toContain('| line 9\n');
  expect(error.message).not.toContain('| line 8\n');
  expect(pids).toHaveLength(4);
  expect(pids.filter((pid) => identify(pid) !== undefined)).toEqual([]);
});

test('a child that never says that it is ready is given up after the timeout', async () => {
  const env = { ...process.env, STAND_IN_NODE_1: 'silent' };
  const error = await failureOf(
    openTestCluster({ nodes: 1, balancerKind: 'none', brokerKind: 'simple' }, { env, readyTimeoutMs: 1500 }),
  );
  expect(error).toMatchObject({ code: 'not-ready', message: 'node-1 was not ready after 1.50s' });
});

test('a program that does not exist is an error that names it', async () => {
  const error = await failureOf(
    openTestCluster({ nodes: 1, program: ['/nowhere/server', '{port}'], balancerKind: 'none', brokerKind: 'simple' }),
  );
  expect(error.code).toBe('process-failed');
  expect(error.message).toContain('/nowhere/server');
});

test('an aborted start leaves nothing and rejects with the reason', async () => {
  const abort = new AbortController();
  const pids: number[] = [];
  const opening = openTestCluster(
    {},
    {
      env: { ...process.env, STAND_IN_NODE_1: 'silent' },
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === 'process-started') pids.push(event.pid);
        if (event.type === 'process-ready' && event.name === 'node-2') abort.abort(new Error('enough'));
      },
    },
  );
  await expect(opening).rejects.toThrow('enough');
  expect(pids.filter((pid) => identify(pid) !== undefined)).toEqual([]);
});

test('a name that no process has is refused with those that exist', async () => {
  const { cluster } = await openTestCluster();
  await using _ = cluster;
  const error = await failureOf(cluster.kill('node-9'));
  expect(error).toMatchObject({ code: 'not-found', hint: 'There are: broker, balancer, node-1, node-2' });
  expect((await failureOf(cluster.start('node-1'))).code).toBe('control-failed');
});

test('a program of the user stands where our node stands, knows its port, and ends with all that it started', async () => {
  const program = ['sh', '-c', `node ${standIn} node --name {name} --port {port} & wait`] as const;
  const { cluster } = await openTestCluster({ program: ['sh', ...program.slice(1)], balancerKind: 'none' });
  const port = cluster.nodes[0]?.port ?? 0;
  expect(await askStandIn(cluster.nodes[0]?.url ?? '')).toMatchObject({ name: 'node-1' });
  await cluster.kill('node-1');
  expect(await refusesConnections('127.0.0.1', port)).toBe(true);
  await cluster.start('node-1');
  const processes = identitiesOf(cluster);
  await cluster.close();
  expect(survivors(processes)).toEqual([]);
  // What it started in turn was killed with it, and is gone a moment later.
  expect(await waitUntil(() => refusesConnections('127.0.0.1', port), observe)).toBe(true);
});

test('a worker is launched beside the cluster and speaks over its channel', async () => {
  const { cluster } = await openTestCluster({ nodes: 1 });
  await using _ = cluster;
  const worker = await cluster.launch({
    name: 'worker-1',
    role: 'worker',
    command: { type: 'own', args: ['worker', '--name', '{name}'] },
    host: '127.0.0.1',
    port: null,
    env: {},
  });
  const answer = new Promise((resolve) => worker.onMessage(resolve));
  worker.send({ type: 'echo', value: new Uint16Array([1, 513]) });
  expect(await answer).toEqual({ type: 'echoed', value: new Uint16Array([1, 513]) });
  expect(cluster.lastStatus.find(({ name }) => name === 'worker-1')).toMatchObject({ state: 'up', port: null });
});

test('every process has a log of its output with times', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
  try {
    const { cluster } = await openTestCluster({ nodes: 1 }, { logFolder: folder });
    await cluster.close();
    expect(readFileSync(join(folder, 'node-1.log'), 'utf8')).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z node-1 speaks before it is ready$/m,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a port that was asked for and is taken is refused with its owner, or moved when that is allowed', async () => {
  const { cluster: first } = await openTestCluster({ nodes: 1 });
  await using _ = first;
  const port = first.nodes[0]?.port ?? 0;
  const pid = first.lastStatus.find(({ name }) => name === 'node-1')?.pid;
  const asked = { ...twoNodes, nodes: 1, brokerKind: 'simple', port };
  const options = { env: process.env, bin: standIn };
  const error = await failureOf(openCluster(asked, options));
  expect(error).toMatchObject({ code: 'port-taken', message: `port ${port} is taken by the process with pid ${pid}` });
  await using second = await openCluster(asked, { ...options, mayMovePorts: true });
  expect(second.balancerUrl).not.toBe(`ws://127.0.0.1:${port}/ws`);
  const balancerPort = Number(new URL(second.balancerUrl ?? '').port);
  expect(second.nodes[0]?.port).toBe(balancerPort + 1);
});
