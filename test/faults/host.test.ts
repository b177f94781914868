import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import type { Cluster } from '../../src/cluster/cluster.js';
import { openCluster } from '../../src/cluster/open-cluster.js';
import type { Topology } from '../../src/cluster/topology.js';
import { findFaketime } from '../../src/cluster/wall-clocks.js';
import { wallMs } from '../../src/core/clock.js';
import { Injector } from '../../src/faults/injector.js';
import { requestOf } from '../../src/faults/registry.js';
import { twoNodes } from '../cluster/test-cluster.js';
import { requireService } from '../services/require-service.js';
import { sceneOf } from './scene.js';
import { connectTo, roundTrip } from './stomp-socket.js';

let cluster: Cluster;
let injector: Injector;

async function open(topology: Partial<Topology> = {}): Promise<void> {
  cluster = await openCluster({ ...twoNodes, ...topology }, { env: process.env });
  injector = new Injector(sceneOf(cluster));
}

afterEach(() => cluster?.close());

function urlOf(name: string): string {
  return cluster.nodes.find((node) => node.name === name)?.url ?? '';
}

async function isRefused(url: string): Promise<boolean> {
  const socket = new WebSocket(url, ['v12.stomp'], { handshakeTimeout: 1_000 });
  socket.on('error', () => undefined);
  const opened = new Promise<boolean>((resolve) => socket.once('open', () => resolve(true)));
  const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(false)));
  const isOpen = await Promise.race([opened, closed]);
  socket.terminate();
  return !isOpen;
}

describe.runIf(requireService('prlimit', 'util-linux') !== undefined)('exhaust', () => {
  beforeEach(() => open());

  test('a node without a free descriptor refuses a new connection, serves the old ones, and takes new ones again', async () => {
    const old = await connectTo(urlOf('node-1'));
    const pid = cluster.lastStatus.find(({ name }) => name === 'node-1')?.pid;
    const request = requestOf('exhaust');
    expect(await injector.inject('node-1', request)).toMatchObject({ failure: undefined, endedBy: ['heal-exhaust'] });
    expect(await isRefused(urlOf('node-1'))).toBe(true);
    await roundTrip(old);
    expect(await isRefused(urlOf('node-2'))).toBe(false);
    expect(await injector.end('node-1', request)).toMatchObject({ failure: undefined });
    await roundTrip(await connectTo(urlOf('node-1')));
    await roundTrip(old);
    expect(cluster.lastStatus.find(({ name }) => name === 'node-1')?.pid).toBe(pid);
  });

  test('healing without the fault does nothing, and after a kill there is nothing to heal', async () => {
    await cluster.trouble.replenish('node-1');
    await injector.inject('node-1', requestOf('exhaust'));
    await cluster.kill('node-1');
    expect(await injector.heal()).toEqual([]);
    await cluster.start('node-1');
    await roundTrip(await connectTo(urlOf('node-1')));
  });
});

/** What time a node says that it is, compared with this machine's. */
async function shiftOf(name: string): Promise<number> {
  const { headers } = await fetch(`${urlOf(name).replace('ws', 'http').replace('/ws', '')}/health`);
  return Date.parse(headers.get('date') ?? '') - wallMs();
}

/** A library is no program: it is looked for where the product looks for it. */
function hasFaketime(): boolean {
  try {
    return existsSync(findFaketime());
  } catch (error) {
    if (process.env['CLUSTER_CHAT_REQUIRE_SERVICES'] === '1') throw error;
    process.stderr.write('SKIPPED: libfaketime is not installed. Install it with: apt-get install libfaketime\n');
    return false;
  }
}

describe.runIf(hasFaketime())('clock', () => {
  beforeEach(() => open({ clocks: ['node-1'] }));

  test.each([3_600_000, -3_600_000])(
    'a step of %i ms changes what a node thinks the time is; sessions go on, and healing steps back',
    async (by) => {
      const socket = await connectTo(urlOf('node-1'));
      expect(Math.abs(await shiftOf('node-1'))).toBeLessThan(60_000);
      expect(await injector.inject('node-1', requestOf('clock', { by }))).toMatchObject({ failure: undefined });
      expect(Math.abs((await shiftOf('node-1')) - by)).toBeLessThan(60_000);
      expect(Math.abs(await shiftOf('node-2'))).toBeLessThan(60_000);
      await roundTrip(socket);
      await roundTrip(await connectTo(urlOf('node-1')));
      expect(await injector.heal()).toEqual([]);
      expect(Math.abs(await shiftOf('node-1'))).toBeLessThan(60_000);
      await roundTrip(socket);
      await cluster.trouble.restoreClock('node-1');
    },
  );

  test('a node that was not given a clock of its own is left alone, which is said', async () => {
    const { failure } = await injector.inject('node-2', requestOf('clock', { by: 5_000 }));
    expect(failure).toBe('node-2 has no clock of its own');
    expect(await injector.heal()).toEqual([]);
  });
});

describe.each([['haproxy', 'haproxy'] as const, ['nginx', 'nginx-light'] as const])('reload of %s', (kind, debian) => {
  test.runIf(requireService(kind, debian) !== undefined)(
    'an old connection goes on, and a new one finds a new worker',
    async () => {
      await open({ balancerKind: kind });
      const old = await connectTo(cluster.balancerUrl ?? '');
      for (let times = 0; times < 2; times++) {
        expect(await injector.inject('balancer', requestOf('reload'))).toMatchObject({ failure: undefined });
        await roundTrip(old);
        const fresh = await connectTo(cluster.balancerUrl ?? '');
        await roundTrip(fresh);
        fresh.terminate();
      }
      // What it is told afterwards reaches the new worker: with one node down the other takes everybody.
      await cluster.stop('node-1');
      const left = await connectTo(cluster.balancerUrl ?? '');
      await roundTrip(left);
      await cluster.kill('balancer');
      expect((await injector.inject('balancer', requestOf('reload'))).failure).toMatch('balancer is not running');
    },
  );
});
