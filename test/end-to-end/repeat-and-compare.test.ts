import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { batchFromJson, batchToJson } from '../../src/record/batch-json.js';
import type { Comparison } from '../../src/record/comparison.js';
import type { Repeat } from '../../src/record/repeat.js';
import { keyOf } from '../record/history-reading.js';
import { batchOf, rowsOf } from '../record/history-rows.js';
import { expectSound } from './expect-sound.js';
import { expectNoTrace, Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const quietly = ['clients[0].count=12', 'clients[0].send.every=100ms', 'drain.quiet=5s', 'duration=1s'];
const repeatOf = (...path: readonly string[]): Repeat =>
  JSON.parse(readFileSync(join(place.cwd, ...path, 'repeat.json'), 'utf8'));

test('--repeat runs with the seeds that follow each other, each in a folder of its own, and shows the spread', async () => {
  const end = await place.run('run', 'smoke', '--repeat', '3', '--seed', '40', '--out', 'out', ...set(...quietly));
  expect(end).toMatchObject({ code: 0, stderr: '' });
  for (const [index, seed] of [40, 41, 42].entries()) {
    expect(end.stdout).toMatch(
      new RegExp(`^run ${index + 1} of 3 {2}seed ${seed} {2}npx cluster-chat run smoke .*--seed ${seed}$`, 'm'),
    );
    const result = place.result(`out/run-${index + 1}`);
    expectSound(result);
    expect(result.seed).toBe(seed);
  }
  expect(end.stdout).toMatch(/min +median +max\n/);
  expect(end.stdout).toMatch(/delivery\.missing count +0 +0 +0\n/);
  expect(end.stdout).toContain('3 passed');
  const repeat = repeatOf('out');
  expect(repeat).toMatchObject({ schema: 'cluster-chat/repeat@1', verdict: 'pass', times: 3, partial: false });
  expect(repeat.runs.map(({ folder }) => folder)).toEqual(['run-1', 'run-2', 'run-3']);
  const p95 = repeat.spread.find(({ figure }) => figure === 'delivery.latency p(95)');
  expect(p95?.runs).toBe(3);
  expect(p95?.min).toBeLessThanOrEqual(p95?.median ?? 0);
  expect(p95?.median).toBeLessThanOrEqual(p95?.max ?? 0);
  // The same document from what lies on the disk.
  const report = await place.run('report', 'out', '--json');
  expect(report).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(report.stdout)).toEqual(repeat);
  // A run that never came to its load is left out, and that is said.
  const [first = ''] = eventsOf('out/run-3').split('\n');
  writeFileSync(join(place.cwd, 'out', 'run-3', 'events.ndjson'), `${first}\n`);
  rmSync(join(place.cwd, 'out', 'run-3', 'result.json'));
  const without = await place.run('report', 'out');
  expect(without.code).toBe(0);
  expect(without.stdout).toContain('2 passed');
  expect(without.stdout).toContain('1 not run');
  expect(without.stderr).toMatch(/^warning: run-3 is left out: .* ended before its load began/m);
  // Compared with themselves, and with each other, runs of one build are the same.
  for (const [a, b] of [
    ['out', 'out'],
    ['out/run-1', 'out/run-1'],
  ] as const) {
    const same = await place.run('compare', a, b);
    expect(same.code).toBe(0);
    expect(same.stdout).toContain('NOTHING GOT WORSE');
    expect(same.stdout).not.toContain('not the same');
  }
});

test('the exit code of --repeat is the worst, --json prints its document alone, and compare finds what got worse', async () => {
  const worse = ['cluster.broker=simple', 'fenceTimeout=100ms', 'drain.quiet=500ms'];
  const before = await place.run('run', 'smoke', '--repeat', '1', '-q', '--out', 'before', ...set(...quietly));
  expect(before).toMatchObject({ code: 0, stdout: 'pass before\n', stderr: '' });
  const after = await place.run(
    ...['run', 'smoke', '--repeat', '2', '--json', '--out', 'after', '--reporter', 'junit'],
    ...set(...quietly, ...worse),
  );
  expect(after.code).toBe(1);
  expect(JSON.parse(after.stdout)).toEqual(repeatOf('after'));
  expect(after.stderr).toContain('run 2 of 2');
  expect(readdirSync(join(place.cwd, 'after', 'run-2'))).toContain('junit.xml');
  const compared = await place.run('compare', 'before', 'after', '--json');
  expect(compared).toMatchObject({ code: 1, stderr: '' });
  const comparison: Comparison = JSON.parse(compared.stdout);
  expect(comparison).toMatchObject({ schema: 'cluster-chat/compare@1', a: { runs: 1 }, b: { runs: 2 } });
  expect(comparison.differences).toContain('broker: embedded in A, simple in B');
  expect(comparison.figures.filter(({ change }) => change === 'worse').map(({ figure }) => figure)).toEqual(
    expect.arrayContaining(['verdict fail', 'delivery.missing count']),
  );
  // What loses most of its messages may well be faster: only what it lost is compared the other way round.
  const back: Comparison = JSON.parse((await place.run('compare', 'after', 'before', '--json')).stdout);
  expect(back.figures.filter(({ change }) => change === 'better').map(({ figure }) => figure)).toEqual(
    expect.arrayContaining(['verdict fail', 'delivery.missing count']),
  );
});

/**
 * The events of a run as if each message had been written when it was due, and each delivery but the last had taken a few
 * milliseconds and so much more, on a generator that kept up: how busy this machine was shows no more.
 */
function timed(events: string, moreMicros: number): string {
  const lines = events
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const batches = lines.flatMap((line) => (line.type === 'facts' ? [batchFromJson(line)] : []));
  const rows = rowsOf(batches);
  const lastMicros = Math.max(...rows.arrivals.map(({ atMicros }) => atMicros));
  const dueMicros = new Map(rows.publishes.map((row) => [keyOf(row), row.intendedAtMicros]));
  const publishes = rows.publishes.map((row) => ({ ...row, writtenAtMicros: row.intendedAtMicros }));
  const arrivals = rows.arrivals.map((row) => {
    const atMicros = (dueMicros.get(keyOf(row)) ?? Number.NaN) + 2_000 + 500 * (row.sequence % 7);
    return { ...row, atMicros: atMicros < lastMicros - 2 * moreMicros ? atMicros + moreMicros : atMicros };
  });
  const facts = { type: 'facts', ...batchToJson(batchOf({ ...rows, publishes, arrivals })) };
  const first = lines.findIndex(({ type }) => type === 'facts');
  const told = lines.flatMap((line, index) => {
    if (line.type === 'generator') return [{ ...line, generator: { ...line.generator, saturated: false } }];
    if (line.type !== 'facts') return [line];
    return index === first ? [facts] : [];
  });
  return `${told.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

test('between two single runs a latency that rose in all parts of the load is found, and one that did not is not', async () => {
  await place.run('run', 'smoke', '-q', '--out', 'out', ...set(...quietly, 'clients[0].count=30', 'duration=4s'));
  for (const [name, moreMicros] of [
    ['same', 0],
    ['slow', 200_000],
  ] as const) {
    mkdirSync(join(place.cwd, name));
    writeFileSync(join(place.cwd, name, 'events.ndjson'), timed(eventsOf('out'), moreMicros));
  }
  const same = await place.run('compare', 'same', 'same');
  expect(same).toMatchObject({ code: 0, stderr: '' });
  const slow = await place.run('compare', 'same', 'slow');
  expect(slow).toMatchObject({ code: 1, stderr: '' });
  expect(slow.stdout).toMatch(
    /WORSE\n(.*\n)*? +✗ delivery\.latency (med|p\(95\)) .*(by its parts|more than four times)/,
  );
  expect((await place.run('compare', 'slow', 'same')).code).toBe(0);
});

test('Ctrl-C ends a repetition after the run under way, which is reported as partial', async () => {
  const { child, says, ended } = place.start([
    ...['run', 'smoke', '--repeat', '3', '--out', 'out'],
    ...set(...quietly, 'duration=50s'),
  ]);
  await says('run 1 of 3');
  await place.until(() => eventsOf('out/run-1').includes('"type":"load-started"'));
  await place.until(() => eventsOf('out/run-1').includes('"publishes":{"publisher":['));
  child.kill('SIGINT');
  const end = await ended;
  expectNoTrace(end);
  expect(end.code).toBe(130);
  expect(end.stdout).toContain('ended early');
  expect(end.stdout).toContain('2 not run');
  expect(repeatOf('out')).toMatchObject({ times: 3, partial: true, runs: [{ folder: 'run-1', partial: true }] });
  expect(place.result('out/run-1').partial).toBe(true);
  await place.expectNothingLeft();
});

function eventsOf(folder: string): string {
  try {
    return readFileSync(join(place.cwd, folder, 'events.ndjson'), 'utf8');
  } catch {
    // Not made yet.
    return '';
  }
}

test('a run whose evidence was cut is compared with nothing: 3', async () => {
  await place.run('run', 'smoke', '-q', '--out', 'out', ...set(...quietly));
  const events = eventsOf('out');
  const lines = events.trimEnd().split('\n');
  writeFileSync(join(place.cwd, 'out', 'events.ndjson'), `${lines.slice(0, -2).join('\n')}\n`);
  rmSync(join(place.cwd, 'out', 'result.json'));
  const { code, stdout } = await place.run('compare', 'out', 'out');
  expect(code).toBe(3);
  expect(stdout).toContain('evidence was cut, so nothing is judged');
});

test.each([
  [['run', 'smoke', '--repeat', '2', '--reporter', 'junit=one.xml'], /names one file for many runs/],
  [['run', 'smoke', '--repeat', '0'], /Give a whole number from 1 to 100/],
] as const)('%j is refused before anything is started', async (words, message) => {
  const end = await place.run(...words);
  expect(end.code).toBe(2);
  expect(end.stderr).toMatch(message);
});
