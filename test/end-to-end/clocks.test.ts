import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { batchFromJson } from '../../src/record/batch-json.js';
import type { RecordLine } from '../../src/scenario/run-event.js';
import { runWithClocks } from './clocks.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** Microseconds from the start of the load to every write and arrival that the workers reported. */
function factTimes(): number[] {
  const lines = readFileSync(join(place.cwd, 'out', 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  const events = lines.map((line): RecordLine => JSON.parse(line));
  const startMicros = events.find((event) => event.type === 'load-started')?.atMicros ?? Number.NaN;
  const facts = events.flatMap((event) => (event.type === 'facts' ? [batchFromJson(event)] : []));
  const times = facts.flatMap(({ publishes, arrivals }) => [
    ...Array.from(publishes.writtenAtMicros),
    ...Array.from(arrivals.atMicros),
  ]);
  return times.map((atMicros) => atMicros - startMicros);
}

const complete = { sent: 120, acked: 120, attempted: 1200, required: 1200, once: 1200, missing: 0, duplicate: 0 };
const sound = { ...complete, late: 0, absent: 0, reordered: 0, unexpected: 0, unexplained: 0, indeterminate: 0 };

test.each([5000, -5000])('a worker whose clock is %i ms ahead changes no delivery', async (monotonicMs) => {
  const { code, stdout, stderr, result } = await runWithClocks(place, { 'worker-2': { monotonicMs } });
  expect(stdout).toMatch(/clock of worker-2 is [45]\d{3}\.\d ms (ahead|behind), give or take/);
  expect({ code, stderr, ...result.delivery }).toMatchObject({ code: 0, stderr: '', ...sound });
  // Half of every room lives in the other worker: no latency is made up for what came from there, and none is below nought.
  expect(result.clock).toMatchObject({ unmeasured: 600 });
  expect(result.latency.service).toMatchObject({ count: 600 });
  expect(result.latency.service.minMs).toBeGreaterThanOrEqual(0);
  expect(result.clock?.doubtMs).toBeGreaterThan(0);
  const times = factTimes();
  expect(times).toHaveLength(120 + 1200);
  expect(Math.min(...times) + (result.clock?.doubtMs ?? 0) * 1000).toBeGreaterThanOrEqual(0);
});

test('workers of one host have one clock, and every latency is measured', async () => {
  const { code, stdout, stderr, result } = await runWithClocks(place, {});
  expect(stdout).not.toContain('clock of');
  expect({ code, stderr, ...result.delivery }).toMatchObject({ code: 0, stderr: '', ...sound });
  expect(result.latency.service).toMatchObject({ count: 1200 });
  expect(result.clock).toBeUndefined();
});

test.each([5000, -5000])('a wall clock that steps by %i ms under load changes nothing', async (wallMs) => {
  // A run's processes need about a second to begin, and the load lasts two.
  const stepped = { wallMs, afterMs: 2000 };
  const everywhere = ['worker-1', 'node-1', 'broker', 'balancer', 'run'].map((name) => [name, stepped]);
  const { code, stdout, stderr, result } = await runWithClocks(place, Object.fromEntries(everywhere));
  expect(stdout).not.toContain('clock of');
  expect({ code, stderr, ...result.delivery }).toMatchObject({ code: 0, stderr: '', ...sound });
  expect(result.latency.service).toMatchObject({ count: 1200 });
});
