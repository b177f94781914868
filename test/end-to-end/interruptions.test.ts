import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { expectSound } from './expect-sound.js';
import { expectNoTrace, Place, type Started, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const quietly = ['clients[0].count=12', 'clients[0].send.every=250ms'];

/** A run that goes on for longer than any test. */
function startRun(...more: readonly string[]): Started {
  return place.start(['run', 'smoke', '--out', 'out', ...set(...quietly, 'duration=50s'), ...more]);
}

function expectPartial(): void {
  const result = place.result('out');
  expectSound(result);
  expect(result.partial).toBe(true);
  expect(result.manifest.durationMs).toBeLessThan(50_000);
  expect(result.delivery.sent).toBeGreaterThan(0);
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const)('one %s in the load drains, reports what there was, and ends with %i', async (signal, expected) => {
  const { child, says, ended } = startRun();
  await says(/load \d+\.\d/);
  child.kill(signal);
  const end = await ended;
  expectNoTrace(end);
  expect(end.stdout).toMatch(/ending early: drain, then report; once more to end at once/);
  expect(end.stdout).toMatch(/every message reaches every node/);
  expect(end).toMatchObject({ code: expected, stderr: '' });
  expectPartial();
  expect(place.result('out').delivery).toMatchObject({ missing: 0, unexplained: 0 });
  await place.expectNothingLeft();
});

/** Keeps a worker from beginning, as a busy machine does. */
const slowWorkers =
  "--import data:text/javascript,process.argv[2]==='worker'&&" +
  'Atomics.wait(new%20Int32Array(new%20SharedArrayBuffer(4)),0,0,5000)';

test('Ctrl-C ends a run whose workers have not begun, and does not wait for them', async () => {
  const env = { NODE_OPTIONS: slowWorkers };
  const { child, says, ended } = place.start(['run', 'smoke', ...set('duration=50s')], { env, isGroup: true });
  await Promise.all([says(/node-1 ready/), says(/node-2 ready/), says(/node-3 ready/)]);
  const isWorkerThere = (): boolean => place.commands().some((command) => command.includes(' worker '));
  expect(await waitUntil(isWorkerThere, { timeoutMs: 20_000 })).toBe(true);
  process.kill(-(child.pid ?? 0), 'SIGINT');
  const end = await ended;
  expectNoTrace(end);
  expect(end).toMatchObject({ code: 130, stderr: '' });
  await place.expectNothingLeft();
});

test('a verdict of failure wins over the signal that ended the load', async () => {
  const { child, says, ended } = startRun(...set('cluster.broker=simple', 'fenceTimeout=100ms', 'drain.quiet=500ms'));
  await says(/load \d+\.\d/);
  child.kill('SIGINT');
  expect((await ended).code).toBe(1);
  expectPartial();
  expect(place.result('out').verdict).toBe('fail');
  await place.expectNothingLeft();
});

test('a second SIGINT ends everything at once, with 130, and what was recorded can be read', async () => {
  const { child, says, ended } = startRun();
  await says(/load \d+\.\d/);
  child.kill('SIGINT');
  await says('ending early');
  child.kill('SIGINT');
  await place.expectNothingLeft();
  const end = await ended;
  expectNoTrace(end);
  expect(end.code).toBe(130);
  const lines = readFileSync(join(place.cwd, 'out', 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line).type)).toContain('load-started');
});

test('a second SIGINT does not wait for receipts that a hung broker keeps back', async () => {
  const { child, says, ended } = startRun(...set('steps=[{at: 100ms, pause: broker}, {at: 300ms, pause: node-1}]'));
  await says('node-1 paused');
  child.kill('SIGINT');
  await says('ending early');
  child.kill('SIGINT');
  // It would wait five seconds for them.
  await place.expectNothingLeft(4_000);
  expect((await ended).code).toBe(130);
});

/** A run whose drain finds no end by itself: on the simple broker the last fences never reach other nodes. */
async function startLongDrain(): Promise<Started> {
  const started = place.start([
    ...['run', 'smoke', '--out', 'out'],
    ...set(...quietly, 'duration=1s', 'drain.quiet=60s', 'cluster.broker=simple', 'fenceTimeout=100ms'),
    ...set('contract=custom', 'thresholds={}'),
  ]);
  await started.says('the load has ended');
  return started;
}

test('SIGTERM in a drain shortens it, and still brings the report', async () => {
  const { child, ended } = await startLongDrain();
  child.kill('SIGTERM');
  const end = await ended;
  expectNoTrace(end);
  expect(end).toMatchObject({ code: 143, stderr: '' });
  expect(place.result('out')).toMatchObject({ partial: true, verdict: 'inconclusive' });
  await place.expectNothingLeft();
});

test('a second SIGINT in a drain ends it at once', async () => {
  const { child, says, ended } = await startLongDrain();
  child.kill('SIGINT');
  await says('ending early');
  child.kill('SIGINT');
  await place.expectNothingLeft();
  expect((await ended).code).toBe(130);
});
