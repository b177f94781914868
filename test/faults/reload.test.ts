import { describe, expect, test } from 'vitest';
import { requestOf } from '../../src/faults/registry.js';
import { requireService } from '../services/require-service.js';
import { openFaultCluster } from './fault-cluster.js';
import { connectTo, roundTrip } from './stomp-socket.js';

describe.each([['haproxy', 'haproxy'] as const, ['nginx', 'nginx-light'] as const])('reload of %s', (kind, debian) => {
  test.runIf(requireService(kind, debian) !== undefined)(
    'an old connection goes on, and a new one finds a new worker',
    async () => {
      const { cluster, injector, url } = await openFaultCluster({ balancerKind: kind });
      const old = await connectTo(url('balancer'));
      for (let times = 0; times < 2; times++) {
        expect(await injector.inject('balancer', requestOf('reload'))).toMatchObject({ failure: undefined });
        await roundTrip(old);
        const fresh = await connectTo(url('balancer'));
        await roundTrip(fresh);
        fresh.terminate();
      }
      // What it is told afterwards reaches the new worker: with one node down the other takes everybody.
      await cluster.stop('node-1');
      const left = await connectTo(url('balancer'));
      await roundTrip(left);
      await cluster.kill('balancer');
      expect((await injector.inject('balancer', requestOf('reload'))).failure).toMatch('balancer is not running');
    },
  );
});
