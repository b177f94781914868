import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropped, perform } from './perform.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

test('thundering-herd passes: all clients of two dead nodes return to the third, and each death has its own', async () => {
  const result = await perform(
    place,
    'thundering-herd',
    ...['clients[0].count=60', 'clients[0].rooms=6', 'clients[0].send.every=500ms', 'clients[0].reconnect.delay=1s'],
    ...['warmup=0s', 'duration=6s', 'steps[0].at=1s', 'steps[1].at=4s'],
  );
  expect(result).toMatchObject({ code: 0, verdict: 'pass' });
  const kills = result.faults.filter(({ type }) => type === 'kill');
  expect(kills.map(({ droppedClients }) => droppedClients)).toEqual([20, 20]);
  expect(result.reconnect.count).toBe(40);
  expect(result.reconnect.p50Ms).toBeGreaterThan(990);
});

test('rolling-restart passes: all nodes are replaced and nobody misses anything', async () => {
  const result = await perform(
    place,
    'rolling-restart',
    ...['clients[0].count=60', 'clients[0].rooms=6', 'clients[0].send.every=500ms', 'warmup=0s', 'duration=12s'],
    ...['steps[0].at=1s', 'steps[1].at=5s', 'steps[2].at=9s'],
  );
  expect(result).toMatchObject({ code: 0, verdict: 'pass' });
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, duplicate: 0 });
  expect(result.faults.map(({ type, node, observed }) => `${type} ${node} ${observed}`)).toEqual([
    'restart node-1 true',
    'restart node-2 true',
    'restart node-3 true',
  ]);
  expect(result.faults.every(({ readyMs, droppedClients }) => (readyMs ?? 0) > 0 && droppedClients >= 20)).toBe(true);
  expect(result.reconnect.count).toBe(dropped(result));
});
