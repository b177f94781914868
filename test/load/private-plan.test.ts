import { describe, expect, test } from 'vitest';
import type { ClientGroup, LoadSpec } from '../../src/load/load-spec.js';
import { planRun } from '../../src/load/plan.js';

function group(changes: Partial<ClientGroup>): ClientGroup {
  return {
    ...{ name: 'a', count: 1, rooms: 1, subscribe: [], send: undefined, user: undefined, session: false },
    reconnect: { profile: 'full-jitter', minMs: 1, maxMs: 1, delayMs: undefined, resubscribes: true },
    ...{ recover: true, engine: 'lean', heartbeatMs: 0, leavesHard: false, via: 'nodes' },
    ...{ connectRatePerSecond: undefined, unsubscribe: undefined },
    ...changes,
  };
}

function sending(to: string): ClientGroup['send'] {
  return { to, everyMs: 1000, sizeBytes: 100, receipt: true, schedule: 'spread' };
}

function planOf(...groups: readonly ClientGroup[]) {
  const spec: LoadSpec = {
    ...{ runId: 'deadbeef', seed: 1, balancerUrl: undefined, host: undefined, headers: {} },
    nodes: ['node-1', 'node-2'].map((name) => ({ name, url: `ws://${name}` })),
    ...{ login: undefined, passcode: undefined, groups, warmupMs: 0, durationMs: 1 },
    ...{ fenceTimeoutMs: 1, connectTimeoutMs: 1 },
  };
  return planRun(spec);
}

/** Per client, the names of where it listens and where it sends. */
function routesOf(...groups: readonly ClientGroup[]): string[] {
  const { plan } = planOf(...groups);
  const names = (indexes: readonly number[]): string => indexes.map((index) => plan.destinations[index]).join(' ');
  return plan.clients.map(({ subscribes, publishes }) => `${names(subscribes)} > ${names(publishes)}`);
}

describe('planRun', () => {
  test("what a user hears at its own destination is what others send to by the user's name: one destination", () => {
    const own = '/user/queue/private';
    const { plan } = planOf(
      group({ user: 'ann', subscribe: [own] }),
      group({ name: 'b', send: sending('/user/ann/queue/private') }),
    );
    expect(plan.destinations).toEqual(['/user/ann/queue/private']);
    expect(plan.clients).toMatchObject([
      { subscribes: [0], publishes: [] },
      { subscribes: [], publishes: [0] },
    ]);
  });

  test('several clients of one user listen to one destination, those of another to another', () => {
    const routes = routesOf(group({ count: 4, rooms: 2, user: 'user-{room}', subscribe: ['/user/queue/x'] }));
    expect(routes).toEqual([
      '/user/user-room-1/queue/x > ',
      '/user/user-room-1/queue/x > ',
      '/user/user-room-2/queue/x > ',
      '/user/user-room-2/queue/x > ',
    ]);
  });

  test('{peer} is the next client of the room, and after the last comes the first', () => {
    const ring = group({ count: 7, rooms: 3, send: sending('/to/{room}/{peer}') });
    expect(routesOf(ring)).toEqual([
      ' > /to/room-1/a-2',
      ' > /to/room-1/a-3',
      ' > /to/room-1/a-1',
      ' > /to/room-2/a-5',
      ' > /to/room-2/a-4',
      ' > /to/room-3/a-7',
      ' > /to/room-3/a-6',
    ]);
    expect(routesOf(group({ send: sending('/to/{peer}') }))).toEqual([' > /to/a-1']);
  });

  test('in every ring each client is the peer of exactly one, however many share the rooms', () => {
    for (let count = 1; count <= 24; count++) {
      for (let rooms = 1; rooms <= 26; rooms++) {
        const ring = group({ count, rooms, subscribe: ['/{room}/{client}'], send: sending('/{room}/{peer}') });
        const { plan } = planOf(ring);
        const heard = plan.clients.flatMap(({ subscribes }) => subscribes);
        const sent = plan.clients.flatMap(({ publishes }) => publishes);
        expect([...sent].sort(), `${count} clients in ${rooms} rooms`).toEqual([...heard].sort());
      }
    }
  });

  test('who logs in over HTTP does so as its user, or under its own name', () => {
    const own = planOf(group({ session: true, subscribe: ['/user/queue/x'] }));
    expect([own.settings[0]?.user, own.plan.destinations]).toEqual(['a-1', ['/user/a-1/queue/x']]);
    expect(planOf(group({ session: true, user: 'ann' })).settings[0]?.user).toBe('ann');
    expect(planOf(group({})).settings[0]?.user).toBeUndefined();
  });

  test('without a user a destination stays as it is written, for a server that gives it another meaning', () => {
    expect(routesOf(group({ subscribe: ['/user/queue/x'] }))).toEqual(['/user/queue/x > ']);
  });
});
