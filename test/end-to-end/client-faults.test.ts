import { afterEach, beforeEach, expect, test } from 'vitest';
import { perform } from './perform.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const few = ['clients[0].count=30', 'clients[0].rooms=3', 'warmup=0s'];

test('in a storm every client is dropped and back at once, whatever its profile, and the peak at a node is told', async () => {
  const slowly = 'clients[0].reconnect={ profile: fixed-10s }';
  const steps = 'steps=[{ at: 1s, storm: all }]';
  const result = await perform(place, 'hung-node', ...few, 'duration=3s', slowly, steps);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', delivery: { missing: 0, unexplained: 0 } });
  const [storm] = result.faults;
  expect(storm).toMatchObject({ type: 'storm', node: 'chatters', observed: true, droppedClients: 30 });
  expect(storm?.recoveredMs).toBeLessThan(5_000);
  expect(storm?.peakConnectsPerSecond).toBeGreaterThanOrEqual(10);
  expect(result.reconnect.count).toBe(30);
});

// The latency of the others is for a machine that carries nothing else.
const unjudged = 'thresholds={ delivery.unexplained: ["count == 0"], reconnect.failed: ["count == 0"] }';

test('slow-consumer: without recovery what the slow one missed is proven to be its own lag, and nobody else misses anything', async () => {
  const changes = ['clients[2].recover=false', 'steps[0].at=1s', 'steps[0].for=15s', 'duration=18s', unjudged];
  const result = await perform(place, 'slow-consumer', ...few, ...changes);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', inferredByCause: {} });
  expect(result.missingByCause['slow-consumer']).toBeGreaterThan(0);
  expect(new Set(result.missingExamples.map(({ subscriber }) => subscriber)).size).toBe(1);
  expect(result.faults.map(({ type, observed }) => `${type} ${observed}`)).toEqual(['stall true', 'heal-stall true']);
  expect(result.faults[0]?.droppedClients).toBe(1);
}, 90_000);
