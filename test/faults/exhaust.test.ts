import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { groupMembers } from '../../src/cluster/pid.js';
import type { Supervisor } from '../../src/cluster/supervisor.js';
import { waitUntil } from '../../src/core/clock.js';
import { requestOf } from '../../src/faults/registry.js';
import { requireService } from '../services/require-service.js';
import { openFaultCluster } from './fault-cluster.js';
import { connectTo, roundTrip } from './stomp-socket.js';

const request = requestOf('exhaust');

async function isRefused(url: string): Promise<boolean> {
  const socket = new WebSocket(url, ['v12.stomp'], { handshakeTimeout: 1_000 });
  socket.on('error', () => undefined);
  const opened = new Promise<boolean>((resolve) => socket.once('open', () => resolve(true)));
  const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(false)));
  const isOpen = await Promise.race([opened, closed]);
  socket.terminate();
  return !isOpen;
}

function pidOf(cluster: Supervisor, name: string): number {
  return cluster.find(name).child?.pid ?? 0;
}

/** The limits of all processes of a program by pid. */
function limitsOf(leader: number): Record<number, string | undefined> {
  const limits = groupMembers(leader).map(({ pid }) => {
    const text = readFileSync(`/proc/${pid}/limits`, 'utf8');
    return [pid, /^Max open files.*$/m.exec(text)?.[0]] as const;
  });
  return Object.fromEntries(limits);
}

describe.runIf(requireService('prlimit', 'util-linux') !== undefined)('exhaust', () => {
  test('a node without a free descriptor refuses a new connection, serves the old ones, and takes new ones again', async () => {
    const { cluster, injector, url } = await openFaultCluster();
    const old = await connectTo(url('node-1'));
    const pid = pidOf(cluster, 'node-1');
    expect(await injector.inject('node-1', request)).toMatchObject({ failure: undefined });
    expect(await isRefused(url('node-1'))).toBe(true);
    await roundTrip(old);
    await roundTrip(await connectTo(url('node-2')));
    expect(await injector.end('node-1', request)).toMatchObject({ failure: undefined });
    await roundTrip(await connectTo(url('node-1')));
    await roundTrip(old);
    expect(pidOf(cluster, 'node-1')).toBe(pid);
  });

  test('a broker without a free descriptor keeps the nodes that it has and takes nobody else', async () => {
    const { cluster, injector, url } = await openFaultCluster();
    const [first, second] = [await connectTo(url('node-1')), await connectTo(url('node-2'))];
    expect(await injector.inject('broker', request)).toMatchObject({ failure: undefined });
    const stranger = connect({ host: '127.0.0.1', port: cluster.find('broker').port ?? 0 });
    // With FIN or RST.
    stranger.on('error', () => undefined);
    const closed = new Promise((resolve) => stranger.once('close', resolve));
    stranger.write('CONNECT\naccept-version:1.2\nhost:test\n\n\0');
    const heard: unknown[] = [];
    stranger.on('data', (data) => heard.push(data));
    await closed;
    expect(heard).toEqual([]);
    await roundTrip(first);
    await roundTrip(second);
    expect(await injector.heal()).toEqual([]);
    await cluster.restart('node-2');
    await roundTrip(await connectTo(url('node-2')));
  });

  test('our balancer without a free descriptor turns new clients away, and does not take its own want for dead nodes', async () => {
    const logFolder = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
    onTestFinished(() => rmSync(logFolder, { recursive: true, force: true }));
    const { injector, url } = await openFaultCluster({}, { logFolder });
    const log = (): string => readFileSync(join(logFolder, 'balancer.log'), 'utf8');
    const old = await connectTo(url('balancer'));
    expect(await injector.inject('balancer', request)).toMatchObject({ failure: undefined });
    expect(await isRefused(url('balancer'))).toBe(true);
    await roundTrip(old);
    // It says so once a second at most, and checks each node four times a second.
    const failures = (): number => log().match(/a connect to node-\d failed: EMFILE/g)?.length ?? 0;
    expect(await waitUntil(() => failures() >= 3, { timeoutMs: 20_000 })).toBe(true);
    expect(log()).not.toContain('is down');
    expect(await injector.heal()).toEqual([]);
    await roundTrip(await connectTo(url('balancer')));
    await roundTrip(old);
  });

  test.each([['haproxy', 'haproxy'] as const, ['nginx', 'nginx-light'] as const].filter(isInstalled))(
    'no process of %s has a descriptor left, a new client hears nothing, and each gets back the limit that it had',
    async (balancerKind) => {
      const { cluster, injector, url } = await openFaultCluster({ balancerKind });
      const leader = pidOf(cluster, 'balancer');
      const before = limitsOf(leader);
      expect(Object.keys(before).length).toBeGreaterThanOrEqual(2);
      expect(await injector.inject('balancer', request)).toMatchObject({ failure: undefined });
      const during = limitsOf(leader);
      expect(Object.keys(during)).toEqual(Object.keys(before));
      for (const [pid, limit] of Object.entries(during)) expect(limit).not.toBe(before[Number(pid)]);
      expect(await isRefused(url('balancer'))).toBe(true);
      // A master that starves cannot put a worker in place that does not.
      expect((await injector.inject('balancer', requestOf('reload'))).failure).toMatch('was not seen to read');
      expect(await isRefused(url('balancer'))).toBe(true);
      expect(await injector.end('balancer', request)).toMatchObject({ failure: undefined });
      expect(new Set(Object.values(limitsOf(leader)))).toEqual(new Set(Object.values(before)));
      // HAProxy took its own want for the death of the nodes, until its next checks.
      expect(await waitUntil(async () => !(await isRefused(url('balancer'))), { timeoutMs: 20_000 })).toBe(true);
      expect(await injector.inject('balancer', requestOf('reload'))).toMatchObject({ failure: undefined });
      await roundTrip(await connectTo(url('balancer')));
    },
  );

  test('healing without the fault does nothing, and after a kill there is nothing to heal', async () => {
    const { cluster, injector, url } = await openFaultCluster();
    await cluster.trouble.replenish('node-1');
    await injector.inject('node-1', request);
    await cluster.kill('node-1');
    expect(await injector.heal()).toEqual([]);
    await cluster.start('node-1');
    await roundTrip(await connectTo(url('node-1')));
  });

  test('a node that hangs for want of descriptors does not pass for one that is still paused', async () => {
    const { cluster, injector } = await openFaultCluster();
    const pause = requestOf('pause');
    await injector.inject('node-1', pause);
    await injector.end('node-1', pause);
    await injector.inject('node-1', request);
    const stateOf = (): string | undefined => cluster.lastStatus.find(({ name }) => name === 'node-1')?.state;
    expect(await waitUntil(() => stateOf() === 'hung', { timeoutMs: 20_000 })).toBe(true);
    expect(await injector.heal()).toEqual([]);
  });

  test('what did not answer before was not silenced by it, so that it did not happen', async () => {
    const { cluster, injector, url } = await openFaultCluster();
    const pid = pidOf(cluster, 'node-1');
    process.kill(pid, 'SIGSTOP');
    const { failure } = await injector.inject('node-1', request);
    process.kill(pid, 'SIGCONT');
    expect(failure).toBe('node-1 does not answer as it is, so that no effect can be seen');
    await cluster.pause('node-2');
    expect((await injector.inject('node-2', request)).failure).toMatch('node-2 is not running (hung)');
    await cluster.unpause('node-2');
    expect(await injector.heal()).toEqual([]);
    // Its link to the broker may have been given up for its silence.
    expect(await waitUntil(async () => !(await isRefused(url('node-1'))), { timeoutMs: 20_000 })).toBe(true);
  });
});

function isInstalled([program, debian]: readonly [string, string]): boolean {
  return requireService(program, debian) !== undefined;
}
