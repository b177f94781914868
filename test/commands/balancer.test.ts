import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openCluster } from '../../src/cluster/open-cluster.js';
import { waitUntil } from '../../src/core/clock.js';
import { PieceProcess } from '../broker/piece-process.js';

const observe = { timeoutMs: 30_000 };
const opened: AsyncDisposable[] = [];
const sockets: WebSocket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await Promise.all(opened.splice(0).map((one) => one[Symbol.asyncDispose]()));
});

async function opens<T extends AsyncDisposable>(opening: Promise<T>): Promise<T> {
  const one = await opening;
  opened.push(one);
  return one;
}

function openPiece(...args: string[]): Promise<PieceProcess> {
  return opens(PieceProcess.open([...args, '--port', '0']));
}

/** An open WebSocket; rejects when it is refused. */
async function connectTo(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, ['v12.stomp']);
  sockets.push(socket);
  await once(socket, 'open');
  return socket;
}

async function connectionsOf(node: { readonly port: number }): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${node.port}/health`);
  return ((await response.json()) as { connections: number }).connections;
}

async function has(node: { readonly port: number }, connections: number): Promise<boolean> {
  return waitUntil(async () => (await connectionsOf(node)) === connections, observe);
}

test('two nodes share the connections, and when one is killed every new client reaches the other', async () => {
  const [first, second] = await Promise.all([openPiece('node', '--name', 'a'), openPiece('node', '--name', 'b')]);
  const balancer = await openPiece('balancer', `127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`);
  for (let count = 0; count < 4; count++) await connectTo(balancer.url);
  expect(await has(first, 2)).toBe(true);
  expect(await has(second, 2)).toBe(true);
  const ended = sockets.map((socket) => once(socket, 'close'));
  await first.end('SIGKILL');
  await Promise.race(ended);
  // At once, before any health check can have noticed.
  for (let count = 0; count < 6; count++) await connectTo(balancer.url);
  expect(await has(second, 8)).toBe(true);
});

test('the ready line says where it answers for itself, and a client of the port itself gets a node', async () => {
  const node = await openPiece('node', '--name', 'a');
  const balancer = await openPiece('balancer', '--policy', 'sticky', `127.0.0.1:${node.port}`);
  expect(balancer.http).not.toBe(balancer.port);
  await connectTo(balancer.url);
  const own = await (await fetch(`http://127.0.0.1:${balancer.http}/health`)).json();
  expect(own).toMatchObject({ name: 'balancer', status: 'ok', connections: 1, backends: [{ name: 'node-1' }] });
  const passed = await (await fetch(`http://127.0.0.1:${balancer.port}/health`)).json();
  expect(passed).toMatchObject({ name: 'a' });
});

test('it obeys its supervisor: it learns its nodes, drains one and takes it back, and confirms each', async () => {
  const node = await openPiece('node', '--name', 'a');
  const balancer = await openPiece('balancer');
  const tell = async (message: { type: string } & Record<string, unknown>): Promise<void> => {
    const answer = once(balancer.child, 'message');
    balancer.child.send(message);
    expect((await answer)[0]).toEqual({ type: 'done', of: message.type });
  };
  await expect(connectTo(balancer.url)).rejects.toThrow('503');
  await tell({ type: 'backends', backends: [{ name: 'node-1', host: '127.0.0.1', port: node.port }] });
  const old = await connectTo(balancer.url);
  await tell({ type: 'drain', name: 'node-1' });
  await expect(connectTo(balancer.url)).rejects.toThrow('503');
  expect(old.readyState).toBe(WebSocket.OPEN);
  await tell({ type: 'undrain', name: 'node-1' });
  await connectTo(balancer.url);
  expect(await has(node, 2)).toBe(true);
});

test('a cluster stops a node without refusing a client, and starts it again', async () => {
  const cluster = await opens(
    openCluster(
      { nodes: 2, brokerKind: 'simple', balancerKind: 'embedded', policy: 'least-connections', port: 0 },
      { env: process.env },
    ),
  );
  const url = cluster.balancerUrl ?? '';
  const [first, second] = cluster.nodes;
  if (first === undefined || second === undefined) throw new Error('there are two nodes');
  await connectTo(url);
  await connectTo(url);
  expect(await has(first, 1)).toBe(true);
  const balancer = async () => (await cluster.status()).find(({ name }) => name === 'balancer');
  await expect.poll(balancer).toMatchObject({ state: 'up', connections: 2 });

  const stopping = cluster.stop('node-1');
  for (let count = 0; count < 3; count++) await connectTo(url);
  await stopping;
  expect(await has(second, 4)).toBe(true);
  await cluster.start('node-1');
  const isBack = async (): Promise<boolean> => {
    await connectTo(url);
    return (await connectionsOf(first)) > 0;
  };
  expect(await waitUntil(isBack, observe)).toBe(true);
});

test('without nodes and without a supervisor it refuses to start, as it does for a malformed address', async () => {
  const bin = new URL('../../bin/cluster-chat.js', import.meta.url).pathname;
  const run = (...words: string[]) => spawnSync(process.execPath, [bin, 'balancer', ...words], { encoding: 'utf8' });
  const empty = run('--port', '0');
  expect(empty.status).toBe(2);
  expect(empty.stderr).toContain('A balancer without nodes');
  const wrong = run('--port', '0', 'localhost');
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('"localhost" is not the address of a node.');
});
