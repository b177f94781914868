import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectSound } from './expect-sound.js';
import { Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(async () => {
  await place.expectNothingLeft();
  place.remove();
});

const quietly = ['clients[0].count=12', 'clients[0].send.every=250ms', 'duration=1s'];

test('a threshold with abortOnFail ends the load early, and the run fails by it', async () => {
  const { code, stdout } = await place.run(
    ...['run', 'smoke', '--out', 'out'],
    ...set('duration=50s', 'clients[0].count=12', 'cluster.broker=simple', 'fenceTimeout=100ms', 'drain.quiet=500ms'),
    ...set('deadline=500ms', 'thresholds={delivery.missing: [{ expr: "count < 5", abortOnFail: true }]}'),
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/delivery\.missing count < 5 does not hold: the load ends here/);
  const result = place.result('out');
  expectSound(result);
  expect(result).toMatchObject({ verdict: 'fail', partial: true });
  expect(result.manifest.durationMs).toBeLessThan(50_000);
  expect(result.thresholds).toMatchObject([{ ok: false, inconclusive: false }]);
  expect(result.thresholds[0]?.actual).toBeGreaterThanOrEqual(5);
});

test('users who are logged out end the load as soon as they are, when the scenario says so', async () => {
  const { code, stdout } = await place.run(
    ...['run', 'session-failover', '--out', 'out'],
    ...set('duration=60s', 'thresholds={sessions.lost: [{ expr: "count == 0", abortOnFail: true }]}'),
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/sessions\.lost count == 0 does not hold: the load ends here/);
  const result = place.result('out');
  expectSound(result);
  expect(result.manifest.durationMs).toBeLessThan(50_000);
  expect(result.thresholds[0]?.actual).toBeGreaterThan(0);
});

test('a run that exceeds its time limit ends with 3 and says how to raise it', async () => {
  const { code, stderr } = await place.run(
    ...['run', 'simple-broker', '--out', 'out'],
    // The last fences never arrive on other nodes, so the drain would wait for a minute.
    ...set('duration=1s', 'fenceTimeout=100ms', 'drain.quiet=60s', 'timeout=6s'),
  );
  expect(code).toBe(3);
  expect(stderr).toMatch(/^error: The run was ended after its time limit of 6\.00s\.$/m);
  expect(stderr).toMatch(/timeout/);
  // What was recorded until then can be read.
  const lines = readFileSync(join(place.cwd, 'out', 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  expect(() => lines.map((line) => JSON.parse(line))).not.toThrow();
});

test('two runs at once in one folder each have their own results', async () => {
  const ends = await Promise.all([1, 2].map(() => place.run('run', 'smoke', '-q', ...set(...quietly))));
  expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
    { code: 0, stderr: '' },
    { code: 0, stderr: '' },
  ]);
  const runs = join('.cluster-chat', 'runs');
  const folders = readdirSync(join(place.cwd, runs)).filter((name) => name !== 'latest');
  expect(folders).toHaveLength(2);
  for (const folder of folders) expect(place.result(join(runs, folder)).verdict).toBe('pass');
  expect(place.result(join(runs, 'latest')).verdict).toBe('pass');
});

test('--json prints one document on stdout, the same as result.json, and everything else on stderr', async () => {
  const { code, stdout, stderr } = await place.run('run', 'smoke', '--json', '--out', 'out', ...set(...quietly));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(place.result('out'));
  expect(stderr).toMatch(/12 clients connected and subscribed/);
});

test('--quiet prints the verdict and the folder', async () => {
  const { code, stdout, stderr } = await place.run('run', 'smoke', '-q', '--out', 'out', ...set(...quietly));
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'pass out\n', stderr: '' });
});

test('--reporter plain prints the summary in ASCII; junit=file writes there, json=file too, besides result.json', async () => {
  const { code, stdout } = await place.run(
    ...['run', 'simple-broker', '--out', 'out'],
    ...['--reporter', 'plain', '--reporter', 'junit=junit.xml', '--reporter', 'json=copy.json'],
    ...set('clients[0].count=12', 'clients[0].rooms=2', 'duration=1s', 'fenceTimeout=100ms', 'drain.quiet=500ms'),
  );
  expect(code).toBe(1);
  expect([...stdout].filter((character) => character.charCodeAt(0) > 126)).toEqual([]);
  expect(stdout).toMatch(/FAILED {2}1 of 1 threshold/);
  const junit = readFileSync(join(place.cwd, 'junit.xml'), 'utf8');
  expect(junit).toMatch(/<testsuite[^>]+failures="[1-9]/);
  expect(junit).toContain('delivery.missing');
  expect(JSON.parse(readFileSync(join(place.cwd, 'copy.json'), 'utf8'))).toEqual(place.result('out'));
});

test('the same seed gives the same load and the same choice of a node to kill', async () => {
  const once = async (out: string) => {
    const random = set(...quietly, 'duration=2s', 'steps=[{at: 500ms, kill: random}]', 'thresholds={}');
    const { code } = await place.run('run', 'smoke', '--seed', '99', '--out', out, ...random);
    expect(code).toBe(0);
    return place.result(out);
  };
  const [first, second] = [await once('first'), await once('second')];
  expect(second.faults.map(({ node }) => node)).toEqual(first.faults.map(({ node }) => node));
  expect(second.delivery.sent).toBe(first.delivery.sent);
  expect(second.seed).toBe(99);
});

test('--dry-run and the list of scenarios start nothing and leave no folder', async () => {
  const dry = await place.run('run', 'failover', '--dry-run');
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(dry.stdout).toMatch(/Nothing was started/);
  const list = await place.run('run');
  expect(list).toMatchObject({ code: 0, stderr: '' });
  expect(list.stdout).toMatch(/^ {2}thundering-herd /m);
  expect(existsSync(join(place.cwd, '.cluster-chat'))).toBe(false);
});
