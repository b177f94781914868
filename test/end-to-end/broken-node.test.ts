import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { makePackageFolder, type PackageFolder } from '../cluster/package-folder.js';
import { brokenNodes, notCaught } from '../fixtures/broken-nodes.js';
import { nodeFaults } from '../fixtures/node-faults.js';
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

interface Ran {
  readonly code: number | null;
  readonly result: Result;
  readonly stdout: string;
  /** How often the nodes say that they did it. */
  readonly broken: number;
}

/** Runs a scenario on nodes that all have the fault. */
async function runBroken(fault: string, scenario: string, overrides: readonly string[]): Promise<Ran> {
  const counts = join(place.cwd, 'counts');
  mkdirSync(counts);
  const words = [process.execPath, folder.launcher, 'node', '--name', '{name}', '--host', '{host}', '--port', '{port}'];
  const { ended } = place.start(
    ['run', scenario, '--out', 'out', '--allow-exec', ...set(`cluster.program=${JSON.stringify(words)}`, ...overrides)],
    { env: { BROKEN_NODE_FAULT: fault, BROKEN_NODE_COUNTS: counts } },
  );
  const { code, stderr, stdout } = await ended;
  expect(stderr).toBe('');
  const result = place.result('out');
  expectSound(result);
  await place.expectNothingLeft();
  const broken = readdirSync(counts).reduce((sum, name) => sum + Number(readFileSync(join(counts, name), 'utf8')), 0);
  return { code, result, stdout, broken };
}

test('every fault of a node stands in the table of those that are caught', () => {
  expect(brokenNodes.map(({ fault }) => fault).sort()).toEqual(Object.keys(nodeFaults).sort());
  expect(brokenNodes.length).toBeGreaterThanOrEqual(12);
});

test.each(brokenNodes)(
  'a node with the fault $fault is caught by $scenario, with $metric and the cause $cause',
  async (each) => {
    const ran = await runBroken(each.fault, each.scenario, each.overrides);
    console.log(
      each.fault,
      ran.code,
      ran.broken,
      each.metric,
      ran.result.figures?.[each.metric],
      JSON.stringify([
        ran.result.missingByCause,
        ran.result.inferredByCause,
        ran.result.unexpectedByReason,
        ran.result.silences?.length,
        ran.result.reasons,
      ]),
    );
    expect(notCaught(each, ran)).toEqual([]);
  },
);
