import { afterEach, beforeEach, expect, test } from 'vitest';
import { perform } from './perform.js';
import { Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** The built-in in a few seconds; thirty users with one session each, and ten with three. */
const short = [
  ...['clients[0].count=30', 'clients[0].rooms=6', 'clients[0].send.every=250ms'],
  ...['clients[1].count=30', 'clients[1].rooms=10', 'clients[1].send.every=500ms'],
  ...['warmup=500ms', 'duration=6s', 'steps[0].at=1s', 'steps[1].at=3s'],
];

test.each(['lean', 'stompjs'])('private-message-failover passes with the engine %s', async (engine) => {
  const engines = [0, 1].map((group) => `clients[${group}].engine=${engine}`);
  const result = await perform(place, 'private-message-failover', ...short, ...engines);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', missingByCause: {}, gaps: [] });
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, duplicate: 0, unexpected: 0 });
  expect(result.faults[0]).toMatchObject({ type: 'kill', node: 'node-2', droppedClients: 20, missing: 0 });
  // One receiver of each message of the friends, and three of each of the devices: a session on every node.
  expect(result.delivery).toMatchObject({ sent: 30 * 24 + 30 * 12, attempted: 30 * 24 + 30 * 12 * 3 });
  // What was written to those who were away came by recovery, which counts as late.
  expect(result.delivery.late).toBeGreaterThan(0);
  expect(result.reach.required.flat().every((count) => count > 0)).toBe(true);
  expect(result.reach.arrived).toEqual(result.reach.required);
});

test('on the simple broker nobody hears a user of another node, and the broker is named as the cause [D06, D08]', async () => {
  const { code, stdout } = await place.run(
    ...['run', 'private-message-failover', '--out', 'out'],
    ...set(...short, 'cluster.broker=simple', 'duration=2s', 'steps=[]'),
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/messages do not get through from node-1 to node-2/);
  const result = place.result('out');
  const { arrived, required, nodes } = result.reach;
  nodes.forEach((_, origin) => {
    nodes.forEach((_, node) => {
      expect(required[origin]?.[node]).toBeGreaterThan(0);
      expect(arrived[origin]?.[node]).toBe(origin === node ? required[origin]?.[node] : 0);
    });
  });
  expect(result.missingByCause).toEqual({ 'broker-gap': result.delivery.missing });
  expect(result.delivery).toMatchObject({ sent: 360, attempted: 600, required: 600, unexplained: 0 });
  await place.expectNothingLeft();
});
