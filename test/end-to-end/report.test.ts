import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectSound } from './expect-sound.js';
import { expectNoTrace, Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const quietly = ['clients[0].count=12', 'clients[0].send.every=250ms', 'drain.quiet=5s'];
const text = (...path: readonly string[]): string => readFileSync(join(place.cwd, ...path), 'utf8');

describe('the report of a finished run is its result.json, byte by byte', () => {
  test.each([
    ['that passed', 'smoke', ['duration=1s'], 0],
    [
      'in which a node died and clients missed what they were away for',
      'failover',
      ['clients[0].recover=false', 'duration=4s', 'warmup=500ms', 'steps=[{at: 1s, kill: node-2}]', 'thresholds={}'],
      undefined,
    ],
    ['that failed', 'simple-broker', ['duration=1s', 'fenceTimeout=100ms', 'drain.quiet=500ms'], 1],
    ['that a threshold ended', 'smoke', ['duration=30s', abortAtOnce()], 1],
  ] as const)('%s', async (_, scenario, overrides, expected) => {
    const run = await place.run('run', scenario, '--out', 'out', ...set(...quietly, ...overrides));
    if (expected !== undefined) expect(run.code).toBe(expected);
    const report = await place.run('report', 'out', '--json');
    expect(report).toMatchObject({ code: run.code, stderr: '' });
    expect(report.stdout).toBe(text('out', 'result.json'));
    // And so is everything that is made of it.
    const summary = await place.run('report', 'out');
    expect(run.stdout.endsWith(summary.stdout)).toBe(true);
  });

  test('that a signal ended', async () => {
    const { child, says, ended } = place.start(['run', 'smoke', '--out', 'out', ...set(...quietly, 'duration=50s')]);
    await says(/load \d+\.\d/);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    const report = await place.run('report', 'out', '--json');
    expect(report.stdout).toBe(text('out', 'result.json'));
    expect(JSON.parse(report.stdout)).toMatchObject({ partial: true, verdict: 'pass' });
  });
});

function abortAtOnce(): string {
  return 'thresholds={delivery.late: [{expr: "count < 0", abortOnFail: true}]}';
}

test('every second of a run is in its events, and reports can be asked for afterwards as for the run', async () => {
  await place.run('run', 'smoke', '-q', ...set(...quietly, 'duration=8s'));
  const lines = text('.cluster-chat', 'runs', 'latest', 'events.ndjson').trimEnd().split('\n');
  const events = lines.map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ type: 'run-started', schema: 'cluster-chat/events@1' });
  expect(events.filter(({ type }) => type === 'tick').length).toBeGreaterThanOrEqual(3);
  expect(events.filter(({ type }) => type === 'facts').length).toBeGreaterThanOrEqual(4);
  const report = await place.run('report', '-q', '--reporter', 'junit', '--reporter', 'plain=plain.txt');
  expect(report).toMatchObject({ code: 0, stderr: '' });
  expect(report.stdout).toMatch(/^pass \.cluster-chat\/runs\/latest\n$/);
  expect(text('.cluster-chat', 'runs', 'latest', 'junit.xml')).toContain('delivery.missing');
  expect(text('plain.txt')).toContain('PASSED');
});

test('a run that was killed with SIGKILL is the latest, and its report is partial and inconclusive', async () => {
  const { child, says } = place.start(['run', 'smoke', ...set(...quietly, 'duration=50s')]);
  await says(/load 1\d\.\d/);
  child.kill('SIGKILL');
  await place.expectNothingLeft();
  const [name = ''] = readdirSync(join(place.cwd, '.cluster-chat', 'runs')).filter((each) => each !== 'latest');
  const report = await place.run('report', name);
  expectNoTrace(report);
  expect(report).toMatchObject({ code: 3, stderr: '' });
  expect(report.stdout).toMatch(
    /! inconclusive: evidence was cut: the record ends [\d.]+s after the start of the load/,
  );
  expect(report.stdout).toContain('ended early');
  const { stdout } = await place.run('report', '--json');
  const result = JSON.parse(stdout);
  expectSound(result);
  expect(result).toMatchObject({ verdict: 'inconclusive', partial: true });
  // Nothing that was under way looks lost.
  expect(result.delivery.once).toBeGreaterThan(0);
  expect(result.delivery).toMatchObject({ missing: 0, unexpected: 0, late: 0 });
});

describe('a mistake ends with its code and its cure', () => {
  test.each([
    [['report'], 2, /There is no run here yet/, 'cluster-chat run smoke'],
    [['report', 'nowhere'], 2, /There is no run called nowhere/, '.cluster-chat/runs'],
    [['report', '.'], 2, /There are no events/, '.cluster-chat/runs'],
    [['report', '.', '--reporter', 'junti'], 2, /no reporter called 'junti'/, 'Did you mean junit?'],
    [['compare', 'nowhere', '.'], 2, /There is no run called nowhere/, '.cluster-chat/runs'],
  ] as const)('%j', async (words, code, message, cure) => {
    const end = await place.run(...words);
    expectNoTrace(end);
    expect(end.code).toBe(code);
    expect(end.stderr).toMatch(message);
    expect(end.stderr).toContain(cure);
  });
});

test('result.json belongs to the user alone, and no temporary file stays', async () => {
  await place.run('run', 'smoke', '-q', '--out', 'out', ...set(...quietly, 'duration=1s'));
  expect(statSync(join(place.cwd, 'out', 'result.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(place.cwd, 'out')).filter((name) => name.startsWith('.'))).toEqual([]);
});
