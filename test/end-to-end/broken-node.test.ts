import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { makePackageFolder, type PackageFolder } from '../cluster/package-folder.js';
import { expectSound } from './expect-sound.js';
import { Place, set } from './place.js';

let place: Place;
let folder: PackageFolder;
beforeAll(async () => {
  folder = await makePackageFolder('../../fixtures/broken-node.ts');
});
afterAll(() => folder.remove());
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

interface Run {
  readonly scenario?: string;
  readonly overrides?: readonly string[];
  /** Nodes whose deliveries the fault is not about. */
  readonly unbroken?: readonly string[];
}

/** Runs a scenario, smoke unless told otherwise, on three nodes that all have the fault; with how often they say that they did it. */
async function runBroken(
  fault: string,
  { scenario = 'smoke', overrides = [], unbroken = [] }: Run = {},
): Promise<{ code: number | null; result: Result; broken: number }> {
  const counts = join(place.cwd, 'counts');
  mkdirSync(counts);
  const words = [process.execPath, folder.launcher, 'node', '--name', '{name}', '--host', '{host}', '--port', '{port}'];
  const { ended } = place.start(
    ['run', scenario, '--out', 'out', '--allow-exec', ...set(`cluster.program=${JSON.stringify(words)}`, ...overrides)],
    { env: { BROKEN_NODE_FAULT: fault, BROKEN_NODE_COUNTS: counts } },
  );
  const { code, stderr } = await ended;
  expect(stderr).toBe('');
  const result = place.result('out');
  expectSound(result);
  await place.expectNothingLeft();
  const files = readdirSync(counts).sort();
  expect(files).toEqual(['node-1', 'node-2', 'node-3'].filter((name) => !unbroken.includes(name)));
  const broken = files.reduce((sum, name) => sum + Number(readFileSync(join(counts, name), 'utf8')), 0);
  expect(broken).toBeGreaterThanOrEqual(27);
  return { code, result, broken };
}

test('a node that drops one delivery in a hundred is caught with the exact count and its cause', async () => {
  const { code, result, broken } = await runBroken('drop');
  expect(code).toBe(1);
  expect(result.verdict).toBe('fail');
  expect(result.delivery).toMatchObject({ missing: broken, requiredMissing: broken, unexplained: 0, duplicate: 0 });
  // Others on the same node got the message, this one did not, and its session lived.
  expect(result.missingByCause).toEqual({ 'never-relayed': broken });
  expect(result.missingExamples.length).toBeGreaterThan(0);
  expect(result.missingExamples.every(({ cause }) => cause === 'never-relayed')).toBe(true);
});

test('a node that delivers one message in a hundred twice is caught with the exact count', async () => {
  const { code, result, broken } = await runBroken('duplicate');
  expect(code).toBe(1);
  expect(result.delivery).toMatchObject({ missing: 0, duplicate: broken, reordered: 0, unexpected: 0 });
  expect(result.thresholds.filter(({ ok }) => !ok)).toMatchObject([{ metric: 'delivery.duplicate', actual: broken }]);
});

test('a node that changes a byte of one delivery in a hundred is caught: what arrived is not what was sent', async () => {
  const { code, result, broken } = await runBroken('corrupt');
  expect(code).toBe(1);
  expect(result.delivery).toMatchObject({ missing: broken, unexpected: broken, unexplained: 0 });
});

test('a cluster that finds only one of the sessions of a user is caught, and every copy that is missing counted [D08]', async () => {
  const { code, result, broken } = await runBroken('one-session', {
    scenario: 'private-message-failover',
    overrides: ['steps=[]', 'warmup=0s', 'duration=5s'],
    unbroken: ['node-1'],
  });
  expect(code).toBe(1);
  // Sixty sessions of twenty users write five times each: three copies, of which one arrives.
  expect(result.delivery).toMatchObject({ missing: broken, requiredMissing: 600, unexplained: 0, duplicate: 0 });
  expect(result.missingExamples.every(({ destination }) => destination.startsWith('/user/user-room-'))).toBe(true);
});
