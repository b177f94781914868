import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Cluster } from '../../src/cluster/cluster.js';
import { openCluster } from '../../src/cluster/open-cluster.js';
import { nowMs, waitUntil } from '../../src/core/clock.js';
import type { Injection } from '../../src/faults/fault.js';
import { Injector } from '../../src/faults/injector.js';
import { requestOf } from '../../src/faults/registry.js';
import { twoNodes } from '../cluster/test-cluster.js';
import { sceneOf } from './scene.js';
import { connectTo, roundTrip } from './stomp-socket.js';

let cluster: Cluster;
let injector: Injector;

beforeAll(async () => {
  cluster = await openCluster({ ...twoNodes, passages: ['clients', 'broker'] }, { env: process.env });
  injector = new Injector(sceneOf(cluster));
});
afterAll(() => cluster.close());

async function inject(name: string, verb: string, options = {}): Promise<Injection> {
  return injector.inject(name, requestOf(verb, options));
}

/** A STOMP session at a node, by the address that clients are given. */
async function connect(name: string): Promise<WebSocket> {
  const url = cluster.nodes.find((node) => node.name === name)?.url ?? '';
  const socket = await connectTo(url);
  // Until the node counts it, which its health tells.
  const isCounted = async (): Promise<boolean> =>
    (await cluster.status()).some((process) => process.name === name && (process.connections ?? 0) > 0);
  expect(await waitUntil(isCounted, { timeoutMs: 30_000 })).toBe(true);
  return socket;
}

/** How a WebSocket ends, whether an error comes before it or not. */
function closeCodeOf(socket: WebSocket): Promise<number> {
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.once('close', resolve));
}

async function isAnswered(trip: Promise<void>): Promise<boolean> {
  return Promise.race([trip.then(() => true), new Promise<boolean>((resolve) => setImmediate(resolve, false))]);
}

describe.each(['latency', 'bandwidth', 'slice', 'blackhole'])('%s', (verb) => {
  test('is not seen to happen where no client is, and heals though there was nothing', async () => {
    const injection = await inject('node-2', verb, { rate: 1_000_000 });
    expect(injection).toMatchObject({ type: verb, observedAtMicros: undefined, endedBy: [`heal-${verb}`] });
    expect(injection.failure).toBe('node-2 had no connection to clients that could be disturbed');
    expect(await injector.heal()).toEqual([]);
  });
});

test('latency makes an answer come later by twice its delay, and healing lets go what waits', async () => {
  const socket = await connect('node-1');
  expect((await inject('node-1', 'latency', { delay: 50 })).failure).toBeUndefined();
  const startMs = nowMs();
  await roundTrip(socket);
  expect(nowMs() - startMs).toBeGreaterThan(98);
  await inject('node-1', 'latency', { delay: 3_600_000 });
  const trip = roundTrip(socket);
  expect(await isAnswered(trip)).toBe(false);
  expect(await injector.heal()).toEqual([]);
  await trip;
  socket.terminate();
});

test('on the link to the broker it delays what needs the broker, and not what the node knows by itself', async () => {
  const socket = await connect('node-1');
  expect((await inject('node-1', 'latency', { on: 'broker', delay: 3_600_000 })).failure).toBeUndefined();
  const trip = roundTrip(socket);
  expect((await fetch(`http://127.0.0.1:${new URL(socket.url).port}/health`)).ok).toBe(true);
  expect(await isAnswered(trip)).toBe(false);
  expect(await injector.heal()).toEqual([]);
  await trip;
  socket.terminate();
});

test('bandwidth makes a message take its time', async () => {
  const socket = await connect('node-1');
  expect((await inject('node-1', 'bandwidth', { rate: 1_000 })).failure).toBeUndefined();
  const startMs = nowMs();
  await roundTrip(socket);
  // The frame has some eighty bytes, and its answer some forty.
  expect(nowMs() - startMs).toBeGreaterThan(60);
  expect(await injector.heal()).toEqual([]);
  socket.terminate();
});

test('a node reads frames that come in slices of one byte', async () => {
  const socket = await connect('node-1');
  expect((await inject('node-1', 'slice')).failure).toBeUndefined();
  await roundTrip(socket);
  expect(await injector.heal()).toEqual([]);
  await roundTrip(socket);
  socket.terminate();
});

test('in a blackhole nothing is heard, a new connection neither, and healing resets who lost something', async () => {
  const [old, other] = [await connect('node-1'), await connect('node-2')];
  const request = requestOf('blackhole');
  expect((await injector.inject('node-1', request)).failure).toBeUndefined();
  const trip = roundTrip(old);
  const fresh = new WebSocket(old.url, ['v12.stomp']);
  const endings = [closeCodeOf(old), closeCodeOf(fresh)];
  await roundTrip(other);
  expect(await isAnswered(trip)).toBe(false);
  expect(fresh.readyState).toBe(WebSocket.CONNECTING);
  expect(await injector.end('node-1', request)).toMatchObject({ type: 'heal-blackhole', disturbs: false, endedBy: [] });
  // 1006: without a closing handshake.
  expect(await Promise.all(endings)).toEqual([1006, 1006]);
  await roundTrip(await connect('node-1'));
  other.terminate();
});

test('a reset ends the connections of one node, and none of another', async () => {
  const [hit, spared] = [await connect('node-1'), await connect('node-2')];
  const closed = closeCodeOf(hit);
  expect(await inject('node-1', 'reset')).toMatchObject({ failure: undefined, disturbs: true, endedBy: [] });
  expect(await closed).toBe(1006);
  await roundTrip(spared);
  await roundTrip(await connect('node-1'));
  spared.terminate();
});

test('a link without a passage is not touched, which is said', async () => {
  const injection = await inject('node-7', 'latency', { on: 'broker' });
  expect(injection.failure).toBe('no link of node-7 to the broker can be cut');
});

test('passages that are gone are said to be, and the cluster can still be closed', async () => {
  const other = await openCluster({ ...twoNodes, passages: ['broker'] }, { env: process.env });
  try {
    const faults = new Injector(sceneOf(other, 1));
    await other.kill('passages');
    const { failure } = await faults.inject('node-1', requestOf('slice', { on: 'broker' }));
    expect(failure).toBe('the process of the passages is gone');
    expect(await faults.heal()).toEqual(['slice node-1 could not be undone: the process of the passages is gone']);
  } finally {
    await other.close();
  }
  expect(other.lastStatus.every(({ pid }) => pid === null)).toBe(true);
});
