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
  // As our own node is started where clients want heart-beats so often.
  words.push('--limit', 'heartbeatMs=1s');
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
    const { reasons, missingByCause, inferredByCause, unexpectedByReason } = ran.result;
    const seen = { broken: ran.broken, reasons, missingByCause, inferredByCause, unexpectedByReason };
    expect(notCaught(each, ran).join('; '), JSON.stringify(seen)).toBe('');
  },
);

/** So rarely that no message of the load can tell: only canaries do. */
const rare = ['clients[0].send.every=10m', 'clients[0].send.start=together', 'clients[0].heartbeat=2s'];

test('a zombie subscription is told during the run though nobody says a word, and stands in the result', async () => {
  const { code, result, stdout } = await runBroken('zombie-subscription', 'smoke', [
    ...rare,
    'duration=10s',
    'drain.quiet=2s',
  ]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/warning: chatters-\d+ on node-1 hears nothing on \/topic\/room-\d\.messages since \d/);
  expect(result.silences).toMatchObject([{ node: 'node-1', kind: 'zombie-subscription' }]);
  expect(result.figures?.['subscriptions.silent count']).toBe(1);
  expect(result.thresholds.find(({ metric }) => metric === 'subscriptions.silent')).toMatchObject({
    ok: false,
    actual: 1,
  });
});

test('a resubscription that got its RECEIPT and nothing else is told, of each client that came back', async () => {
  const one = brokenNodes.find(({ fault }) => fault === 'loses-resubscribe');
  const overrides = [
    ...(one?.overrides ?? []),
    ...rare,
    'duration=12s',
    'thresholds.subscriptions.silent=["count == 0"]',
  ];
  const { code, result } = await runBroken('loses-resubscribe', 'failover', overrides);
  expect(code).toBe(1);
  const silences = result.silences ?? [];
  expect(silences).toHaveLength(20);
  expect(new Set(silences.map(({ kind }) => kind))).toEqual(new Set(['missing-resubscribe']));
  expect(silences.every(({ node, sinceMs }) => node !== 'node-2' && sinceMs > 1500)).toBe(true);
});
