import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { subscriberCounts } from '../../src/client/drain.js';
import { planRun, workerOf } from '../../src/load/plan.js';
import { groupOf, specOf } from './spec.js';

describe('the plan of a run', () => {
  it('is the same for the same spec, which is why nobody has to send it around', () => {
    const spec = specOf({ groups: [groupOf(), groupOf({ name: 'others', count: 7, rooms: 4 })] });
    expect(planRun(structuredClone(spec)).plan).toEqual(planRun(spec).plan);
  });

  it('puts the neighbours of a room on different nodes, as evenly as they go', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 7 }),
        (count, rooms, nodes) => {
          const names = Array.from({ length: nodes }, (_, i) => ({ name: `node-${i + 1}`, url: 'ws://localhost/ws' }));
          const { plan } = planRun(specOf({ nodes: names, groups: [groupOf({ count, rooms })] }));
          const seats = plan.destinations.map(() => new Array<number>(nodes).fill(0));
          plan.clients.forEach(({ subscribes }, index) => {
            const row = seats[subscribes[0] ?? -1] ?? [];
            row[index % nodes] = (row[index % nodes] ?? 0) + 1;
          });
          expect(plan.clients).toHaveLength(count);
          expect(plan.destinations).toHaveLength(Math.min(rooms, count));
          for (const row of seats) expect(Math.max(...row) - Math.min(...row)).toBeLessThanOrEqual(1);
          const perRoom = subscriberCounts(plan);
          expect(Math.max(...perRoom) - Math.min(...perRoom)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('fills in room, client and node, and gives each destination one number whoever names it', () => {
    const listener = groupOf({
      count: 2,
      rooms: 1,
      subscribe: ['/topic/{room}', '/queue/{client}', '/topic/{node}', '/topic/{room}'],
    });
    const { plan, settings } = planRun(specOf({ groups: [listener, groupOf({ name: 'silent', send: undefined })] }));
    const named = (client: number): (string | undefined)[] =>
      (plan.clients[client]?.subscribes ?? []).map((destination) => plan.destinations[destination]);
    expect(named(0)).toEqual(['/topic/room-1', '/queue/chatters-1', '/topic/node-1']);
    expect(named(1)).toEqual(['/topic/room-1', '/queue/chatters-2', '/topic/node-2']);
    expect(new Set(plan.destinations).size).toBe(plan.destinations.length);
    expect(plan.clients[2]).toMatchObject({ publishes: [] });
    expect(settings.map(({ index }) => index)).toEqual(settings.map((_, index) => index));
    expect(settings[2]?.name).toBe('silent-1');
  });
});

describe('the share of a worker', () => {
  it('is a partition: every client lives in exactly one worker', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.integer({ min: 1, max: 64 }), (client, workers) => {
        expect(workerOf(client, workers)).toBeGreaterThanOrEqual(0);
        expect(workerOf(client, workers)).toBeLessThan(workers);
      }),
    );
  });
});
