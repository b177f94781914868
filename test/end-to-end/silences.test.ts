import { afterEach, beforeEach, expect, test } from 'vitest';
import { perform } from './perform.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

test('who closes a room for a while misses nothing, and nothing is wrong', async () => {
  const closing = 'clients[0].unsubscribe={ every: 2s, for: 500ms }';
  const result = await perform(place, 'smoke', 'duration=4s', closing);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', silences: [] });
  expect(result.absentByCause['unsubscribed']).toBeGreaterThan(50);
  expect(result.delivery).toMatchObject({ missing: 0, unexpected: 0, duplicate: 0 });
});

test.each(['lean', 'stompjs'])(
  'clients of the engine %s that do not subscribe again are told as silent',
  async (engine) => {
    const result = await perform(
      place,
      'failover',
      ...['warmup=0s', 'duration=12s', 'clients[0].count=30', 'clients[0].rooms=3', 'clients[0].send.every=10m'],
      ...['clients[0].heartbeat=3s', 'clients[0].reconnect.resubscribe=false', `clients[0].engine=${engine}`],
      ...['steps[0].at=1s', 'steps[1].at=2s', 'drain.quiet=2s', 'fenceTimeout=2s'],
      'thresholds.subscriptions.silent=["count == 0"]',
    );
    expect(result).toMatchObject({ code: 1, verdict: 'fail' });
    expect(result.silences?.map(({ kind }) => kind)).toEqual(new Array(10).fill('missing-resubscribe'));
  },
);

test('a node that hangs is no silence: nothing at all comes on its connections', async () => {
  const result = await perform(
    place,
    'hung-node',
    ...['warmup=0s', 'duration=9s', 'clients[0].count=30', 'clients[0].rooms=3', 'steps[0].at=1s', 'steps[0].for=5s'],
  );
  expect(result).toMatchObject({ code: 0, silences: [] });
});
