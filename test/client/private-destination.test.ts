import { expect, test } from 'vitest';
import { Client } from '../../src/client/client.js';
import { privateDestination, subscribedAs } from '../../src/client/private-destination.js';
import { scriptedWorld } from './scripted-engine.js';

test.each(['ann', 'queue', 'user', 'a@b.example'])(
  'what %s hears is counted under one name, and asked for without it',
  (user) => {
    for (const own of ['/user/queue/x', '/user/topic/a/b', '/topic/x']) {
      expect(subscribedAs(privateDestination(own, user), user)).toBe(own);
    }
    expect(privateDestination('/user/queue/x', user)).toBe(`/user/${user}/queue/x`);
  },
);

test("another user's destination, and anybody's without a user, stays as it is", () => {
  expect(subscribedAs('/user/anna/queue/x', 'ann')).toBe('/user/anna/queue/x');
  expect(subscribedAs('/user/undefined/queue/x', undefined)).toBe('/user/undefined/queue/x');
});

test('a client says its user as login, subscribes without the name, and sends with it', () => {
  const world = scriptedWorld();
  const destinations = ['/user/ann/queue/x'];
  const plan = { ...world.host.plan, destinations };
  const client = new Client({ ...world.host, plan }, world.profile, 0, 'ann');
  client.start();
  const [connection] = world.connections;
  connection?.connect();
  connection?.receipt('s0');
  client.publisher?.due(1);
  expect(connection?.login).toBe('ann');
  expect(connection?.subscribed.map(({ destination }) => destination)).toEqual(['/user/queue/x']);
  expect(connection?.sent.map(({ destination }) => destination)).toEqual(destinations);
});
