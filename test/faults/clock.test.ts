import { describe, expect, test } from 'vitest';
import type { Supervisor } from '../../src/cluster/supervisor.js';
import { wallMs } from '../../src/core/clock.js';
import { requestOf } from '../../src/faults/registry.js';
import { requireFaketime } from '../services/require-faketime.js';
import { requireService } from '../services/require-service.js';
import { openFaultCluster } from './fault-cluster.js';
import { connectTo, roundTrip } from './stomp-socket.js';

/** What time a process says that it is, compared with this machine's. */
async function shiftOf(cluster: Supervisor, name: string): Promise<number> {
  const { headers } = await fetch(`http://127.0.0.1:${cluster.find(name).ready?.healthPort}/health`);
  return Date.parse(headers.get('date') ?? '') - wallMs();
}

const hourMs = 3_600_000;
const balancers = ['embedded', 'haproxy', 'nginx'] as const;

function isInstalled(kind: (typeof balancers)[number]): boolean {
  return kind === 'embedded' || requireService(kind, kind === 'nginx' ? 'nginx-light' : kind) !== undefined;
}

describe.runIf(requireFaketime())('clock', () => {
  test.each([hourMs, -hourMs])(
    'a step of %i ms changes what a node thinks the time is; sessions go on, and healing steps back',
    async (by) => {
      const { cluster, injector, url } = await openFaultCluster({ clocks: ['node-1'] });
      const socket = await connectTo(url('node-1'));
      expect(Math.abs(await shiftOf(cluster, 'node-1'))).toBeLessThan(60_000);
      expect(await injector.inject('node-1', requestOf('clock', { by }))).toMatchObject({ failure: undefined });
      expect(Math.abs((await shiftOf(cluster, 'node-1')) - by)).toBeLessThan(60_000);
      expect(Math.abs(await shiftOf(cluster, 'node-2'))).toBeLessThan(60_000);
      await roundTrip(socket);
      await roundTrip(await connectTo(url('node-1')));
      expect(await injector.heal()).toEqual([]);
      expect(Math.abs(await shiftOf(cluster, 'node-1'))).toBeLessThan(60_000);
      await roundTrip(socket);
      await cluster.trouble.restoreClock('node-1');
    },
  );

  test.each(balancers.filter(isInstalled))(
    'broker and balancer (%s) are stepped apart, and everybody goes on',
    async (kind) => {
      const { cluster, injector, url } = await openFaultCluster({ balancerKind: kind, clocks: ['broker', 'balancer'] });
      const old = await connectTo(url('balancer'));
      expect(await injector.inject('broker', requestOf('clock', { by: hourMs }))).toMatchObject({ failure: undefined });
      expect(await injector.inject('balancer', requestOf('clock', { by: -hourMs }))).toMatchObject({
        failure: undefined,
      });
      expect(Math.abs((await shiftOf(cluster, 'broker')) - hourMs)).toBeLessThan(60_000);
      expect(Math.abs((await shiftOf(cluster, 'balancer')) + hourMs)).toBeLessThan(60_000);
      expect(Math.abs(await shiftOf(cluster, 'node-1'))).toBeLessThan(60_000);
      await roundTrip(old);
      await roundTrip(await connectTo(url('balancer')));
      // What is told to the balancer goes through all the same, and its workers of afterwards have the clock too.
      await cluster.stop('node-1');
      await roundTrip(await connectTo(url('balancer')));
      expect(Math.abs((await shiftOf(cluster, 'balancer')) + hourMs)).toBeLessThan(60_000);
      expect(await injector.heal()).toEqual([]);
      for (const name of ['broker', 'balancer']) expect(Math.abs(await shiftOf(cluster, name))).toBeLessThan(60_000);
    },
  );

  test('a process that is started again begins with the clock as it was stepped', async () => {
    const { cluster, injector } = await openFaultCluster({ clocks: ['node-1'] });
    expect(await injector.inject('node-1', requestOf('clock', { by: hourMs }))).toMatchObject({ failure: undefined });
    await cluster.restart('node-1');
    expect(Math.abs((await shiftOf(cluster, 'node-1')) - hourMs)).toBeLessThan(60_000);
    expect(await injector.heal()).toEqual([]);
  });

  test('a process that was not given a clock of its own is left alone, which is said', async () => {
    const { injector } = await openFaultCluster({ clocks: ['node-1'] });
    for (const name of ['node-2', 'broker', 'balancer']) {
      const { failure } = await injector.inject(name, requestOf('clock', { by: 5_000 }));
      expect(failure).toBe(`${name} has no clock of its own`);
    }
    expect(await injector.heal()).toEqual([]);
  });

  test('a paused node cannot be seen to be stepped; one that is paused afterwards is stepped back all the same', async () => {
    const { cluster, injector } = await openFaultCluster({ clocks: ['node-1'] });
    const step = requestOf('clock', { by: hourMs });
    await cluster.pause('node-1');
    expect((await injector.inject('node-1', step)).failure).toMatch('node-1 is not running (hung)');
    await cluster.unpause('node-1');
    expect(await injector.inject('node-1', step)).toMatchObject({ failure: undefined });
    await cluster.pause('node-1');
    expect(await injector.heal()).toEqual([]);
    await cluster.unpause('node-1');
  });
});
