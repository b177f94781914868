import { afterEach, beforeEach, expect, test } from 'vitest';
import { requireFaketime } from '../services/require-faketime.js';
import { requireService } from '../services/require-service.js';
import { perform } from './perform.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const shortSmoke = ['clients[0].count=30', 'clients[0].rooms=3', 'clients[0].send.every=250ms', 'warmup=0s'];
const counts = 'thresholds={ delivery.missing: ["count == 0"], delivery.unexplained: ["count == 0"] }';

test.runIf(requireService('prlimit', 'util-linux') !== undefined && requireFaketime())(
  'broker and balancer without a descriptor, and with wrong clocks, cost nobody a message; each is healed in time',
  async () => {
    const steps = [
      ['exhaust: broker', 'exhaust: balancer'].map((verb, index) => `{ at: ${index + 1}00ms, ${verb}, for: 2s }`),
      ['clock: broker, by: 1h', 'clock: balancer, by: -1h'].map((verb) => `{ at: 4s, ${verb}, for: 1s }`),
    ].flat();
    const result = await perform(place, 'smoke', ...shortSmoke, 'duration=8s', `steps=[${steps.join(', ')}]`, counts);
    expect(result).toMatchObject({ code: 0, verdict: 'pass' });
    expect(result.faults.map(({ type, node, observed }) => `${type} ${node} ${observed}`).sort()).toEqual(
      ['clock', 'exhaust', 'heal-clock', 'heal-exhaust'].flatMap((type) => [
        `${type} balancer true`,
        `${type} broker true`,
      ]),
    );
  },
);

test.runIf(requireService('prlimit', 'util-linux') !== undefined)(
  'a balancer that starves to the end of the load is fed before the drain, in which a killed node comes back',
  async () => {
    const steps = 'steps=[{ at: 1s, exhaust: balancer }, { at: 2s, kill: node-2 }, { at: 3s, start: node-2 }]';
    const result = await perform(place, 'smoke', ...shortSmoke, 'duration=4s', steps, 'contract=at-least-once', counts);
    expect(result).toMatchObject({ code: 0, verdict: 'pass', delivery: { missing: 0, unexplained: 0 } });
    expect(result.faults.map(({ observed }) => observed)).toEqual([true, true, true]);
    expect(result.reconnect.count).toBeGreaterThan(0);
  },
);
