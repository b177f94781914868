import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { requireService } from '../services/require-service.js';
import { expectSound } from './expect-sound.js';
import { perform } from './perform.js';
import { Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const few = ['clients[0].count=30', 'clients[0].rooms=3', 'clients[0].send.every=500ms', 'warmup=0s'];

function happened(result: Result): string[] {
  return result.faults.map(({ type, node, observed }) => `${type} ${node} ${observed}`);
}

/** Heart-beats so slow that nobody is given up whom a busy machine kept from beating for two seconds. */
const shortHalfOpen = [...few, ...['clients[0].heartbeat=2s', 'duration=12s', 'steps[0].at=1s', 'steps[0].for=9s']];

async function expectHalfOpenPasses(...overrides: readonly string[]): Promise<void> {
  const result = await perform(place, 'half-open', ...shortHalfOpen, ...overrides);
  expect(result).toMatchObject({ code: 0, verdict: 'pass' });
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0 });
  expect(happened(result)).toEqual(['blackhole node-2 true', 'heal-blackhole node-2 true']);
  // Twice the heart-beat and a second of grace, and before the end of the fault.
  expect(result.faults[0]?.noticedMs).toBeGreaterThan(3000);
  const [cut, healed] = result.faults;
  expect(cut?.noticedMs).toBeLessThan((healed?.atMs ?? 0) - (cut?.atMs ?? 0));
  expect(result.faults[0]?.droppedClients).toBe(10);
  expect(result.faults[1]?.droppedClients).toBe(0);
}

test('half-open passes: heart-beats notice that nothing comes through, and recovery brings what was missed', async () => {
  await expectHalfOpenPasses();
});

test('without recovery everything that vanished is missing, and none of it is unexplained', async () => {
  const changes = ['clients[0].recover=false', 'contract=custom', 'steps[0].direction=from-node'];
  const thresholds = 'thresholds={ delivery.unexplained: ["count == 0"] }';
  const result = await perform(place, 'half-open', ...shortHalfOpen, ...changes, thresholds);
  expect(result).toMatchObject({ code: 0, verdict: 'pass' });
  expect(result.delivery.missing).toBeGreaterThan(0);
  expect(result.delivery).toMatchObject({ unexplained: 0, duplicate: 0, unexpected: 0 });
  expect(result.faults[0]?.missing).toBeGreaterThan(0);
});

describe.runIf(Boolean(requireService('haproxy', 'haproxy')))('behind HAProxy', () => {
  test('half-open passes', () => expectHalfOpenPasses('cluster.balancer.kind=haproxy'));
});
describe.runIf(Boolean(requireService('nginx', 'nginx')))('behind nginx', () => {
  test('half-open passes', () => expectHalfOpenPasses('cluster.balancer.kind=nginx'));
});

test('slow-network passes under the strictest contract: everything comes once and in order, only later', async () => {
  const steps = ['duration=6s', 'steps[0].at=1s', 'steps[0].for=3s', 'steps[1].at=2s', 'steps[1].for=1s'];
  const thresholds = 'thresholds={ delivery.missing: ["count == 0"] }';
  const result = await perform(place, 'slow-network', ...few, ...steps, thresholds);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', missingByCause: {} });
  expect(result.delivery).toMatchObject({ missing: 0, duplicate: 0, reordered: 0, late: 0 });
  // A machine that is busy may come to the end of one when that of the other is due too.
  const both = ['heal-latency node-2', 'heal-slice node-2', 'latency node-2', 'slice node-2'];
  expect(happened(result).sort()).toEqual(both.map((each) => `${each} true`));
  expect(result.faults.every(({ droppedClients }) => droppedClients === 0)).toBe(true);
  // To the node and from the node, at least fifty milliseconds each.
  expect(result.latency.response.maxMs).toBeGreaterThan(100);
});

test('a narrow line to all nodes without a balancer loses nothing, and is widened though no step ends it', async () => {
  const steps = 'steps=[{ at: 1s, bandwidth: all, rate: 20KB }, { at: 2s, slice: random, size: 8B, on: broker }]';
  const door = 'cluster.balancer.kind=none';
  const thresholds = 'thresholds={ delivery.missing: ["count == 0"] }';
  const result = await perform(place, 'slow-network', ...few, 'duration=4s', steps, door, thresholds);
  expect(result).toMatchObject({ code: 0, verdict: 'pass', missingByCause: {} });
  // A node that a busy machine kept from running takes its time to be narrowed.
  expect(result.faults.map(({ type, observed }) => `${type} ${observed}`).sort()).toEqual([
    ...['bandwidth true', 'bandwidth true', 'bandwidth true'],
    'slice true',
  ]);
});

test('split-brain passes: what a node was told while it was cut off arrives everywhere, and nobody is dropped', async () => {
  const result = await perform(place, 'split-brain', ...few, 'duration=8s', 'steps[0].at=1s', 'steps[0].for=4s');
  expect(result).toMatchObject({ code: 0, verdict: 'pass' });
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0 });
  expect(result.faults.map(({ droppedClients }) => droppedClients)).toEqual([0, 0]);
  expect(result.latency.response.maxMs).toBeGreaterThan(2000);
});

test('a reset drops the clients of one node at once, and each comes back without a loss', async () => {
  const result = await perform(
    ...([place, 'failover', ...few, 'duration=4s', 'steps=[{ at: 1s, reset: node-2 }]'] as const),
    'thresholds={ delivery.missing: ["count == 0"], delivery.unexplained: ["count == 0"] }',
  );
  expect(result).toMatchObject({ code: 0, verdict: 'pass' });
  expect(result.faults).toMatchObject([{ type: 'reset', node: 'node-2', observed: true, droppedClients: 10 }]);
  expect(result.reconnect.count).toBe(10);
});

test('a reset where no connection is left makes the run inconclusive', async () => {
  const steps = 'steps=[{ at: 1s, stop: node-2 }, { after: { fault: stop, plus: 200ms }, reset: node-2 }]';
  const result = await perform(place, 'failover', ...few, 'duration=5s', steps, 'thresholds={}');
  expect(result).toMatchObject({ code: 3, verdict: 'inconclusive' });
  expect(result.reasons).toContain('the fault "reset node-2" was not seen to have happened');
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in a blackhole heals it, drains, reports, and leaves nothing running', async (signal, code) => {
  const words = ['run', 'half-open', '--out', 'out', ...set(...few, 'steps[0].at=1s', 'steps[0].for=20s')];
  const { child, says, ended } = place.start(words);
  await says('blackhole, connections');
  child.kill(signal);
  await says('no blackhole any more');
  expect(await ended).toMatchObject({ code, stderr: '' });
  const result = place.result('out');
  expectSound(result);
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0 });
  await place.expectNothingLeft();
});
