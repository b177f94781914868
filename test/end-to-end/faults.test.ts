import { afterEach, beforeEach, expect, test } from 'vitest';
import { dropped, perform } from './perform.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** The built-in in a few seconds. Latencies are left out: on a machine that is shared they prove nothing. */
const shortFailover = [
  ...['clients[0].count=60', 'clients[0].rooms=6', 'clients[0].send.every=250ms', 'warmup=500ms', 'duration=6s'],
  ...['steps[0].at=1s', 'steps[1].at=3s'],
  'thresholds={delivery.missing: ["count == 0"], delivery.unexplained: ["count == 0"]}',
];

test('failover passes: nothing is missing, and every dropped client is back', async () => {
  const result = await perform(place, 'failover', ...shortFailover);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', missingByCause: {}, gaps: [] });
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0, duplicate: 0, unexpected: 0 });
  const [kill, start] = result.faults;
  expect(kill).toMatchObject({ type: 'kill', node: 'node-2', observed: true, droppedClients: 20, missing: 0 });
  expect(kill?.noticedMs).toBeLessThan(kill?.recoveredMs ?? 0);
  expect(start).toMatchObject({ type: 'start', node: 'node-2', observed: true, droppedClients: 0 });
  expect(start?.readyMs).toBeGreaterThan(0);
  expect(result.reconnect.count).toBe(20);
  // What was said while they were away came by recovery, which counts as late.
  expect(result.delivery.late).toBeGreaterThan(0);
});

test('failover without recovery names what was missed while away', async () => {
  const result = await perform(
    place,
    'failover',
    ...shortFailover,
    ...['clients[0].recover=false', 'clients[0].reconnect.min=3s', 'contract=custom'],
    'thresholds={delivery.unexplained: ["count == 0"]}',
  );
  expect(result.code).toBe(0);
  expect(result.missingByCause['not-subscribed']).toBeGreaterThan(0);
  expect(result.delivery).toMatchObject({ unexplained: 0, duplicate: 0, unexpected: 0 });
  // Those in the socket or at the edge of a subscription may be named so, but they are few.
  const {
    'not-subscribed': away = 0,
    'in-flight': inFlight = 0,
    'subscription-race': race = 0,
  } = result.missingByCause;
  expect(away + inFlight + race).toBe(result.delivery.missing);
  expect(inFlight + race).toBeLessThan(away);
  expect(result.reconnect.count).toBe(dropped(result));
  expect(result.gaps.every((gap) => gap.node === 'node-2' && gap.outageMs > 0)).toBe(true);
  // What was acknowledged in the moment before the kill and died on its way, of which a busy node has more, was not missed
  // while away: it may lie outside of the fault's window and of every gap.
  const missingByKill = result.faults[0]?.missing ?? 0;
  const missingInGaps = result.gaps.reduce((sum, gap) => sum + gap.messages, 0);
  for (const some of [missingByKill, missingInGaps]) {
    expect(some).toBeGreaterThanOrEqual(away);
    expect(some).toBeLessThanOrEqual(result.delivery.missing);
  }
});

test('hung-node passes: clients notice the silence by their heart-beats and come back elsewhere', async () => {
  const result = await perform(
    place,
    'hung-node',
    ...['clients[0].count=30', 'clients[0].rooms=3', 'clients[0].send.every=500ms', 'warmup=0s', 'duration=13s'],
    // A busy machine keeps others from beating for two seconds, too, and those would rightly be given up.
    ...['clients[0].heartbeat=2s', 'steps[0].at=1s', 'steps[0].for=9s'],
  );
  expect(result).toMatchObject({ code: 0, verdict: 'pass' });
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0 });
  const [pause, unpause] = result.faults;
  expect(pause).toMatchObject({ type: 'pause', node: 'node-2', observed: true, droppedClients: 10 });
  // Twice the heart-beat and a second of grace, and before the node goes on.
  expect(pause?.noticedMs).toBeGreaterThan(3000);
  expect(pause?.noticedMs).toBeLessThan((unpause?.atMs ?? 0) - (pause?.atMs ?? 0));
  expect(unpause).toMatchObject({ type: 'unpause', node: 'node-2', observed: true });
  expect(result.reconnect.count).toBe(10);
});
