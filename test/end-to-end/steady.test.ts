import { afterEach, beforeEach, expect, test } from 'vitest';
import { expectSound } from './expect-sound.js';
import { Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

test.each(['lean', 'stompjs'])('smoke passes with the engine %s: everything reaches everybody', async (engine) => {
  const { code, stdout, stderr } = await place.run(
    ...['run', 'smoke', '--out', 'out'],
    ...set('duration=2s', `clients[0].engine=${engine}`),
  );
  expect(stderr).toBe('');
  expect(stdout).toMatch(/✓ PASSED {2}6 of 6 thresholds/);
  expect(code).toBe(0);
  const result = place.result('out');
  expectSound(result);
  expect(result).toMatchObject({ verdict: 'pass', reasons: [], partial: false, faults: [], missingByCause: {} });
  expect(result.delivery).toMatchObject({ sent: 120, acked: 120, attempted: 1200, required: 1200, missing: 0 });
  expect(result.delivery).toMatchObject({ duplicate: 0, reordered: 0, unexpected: 0, unexplained: 0, absent: 0 });
  expect(result.reach.required.flat().every((count) => count > 0)).toBe(true);
  expect(result.reach.arrived).toEqual(result.reach.required);
  expect(result.reconnect).toEqual({ count: 0, p50Ms: null, p95Ms: null, maxMs: null });
  expect(result.manifest).toMatchObject({ engine, nodes: 3, clients: 30, brokerKind: 'embedded', durationMs: 2000 });
  await place.expectNothingLeft();
});

test('the simple broker fails: all of the diagonal arrives and nothing beside it', async () => {
  const { code, stdout } = await place.run('run', 'simple-broker', '--out', 'out', ...set('duration=2s'));
  expect(code).toBe(1);
  expect(stdout).toMatch(/messages do not get through from node-1 to node-2/);
  expect(stdout).toMatch(/from node-1 +100% +0% +0%/);
  const result = place.result('out');
  expectSound(result);
  const { arrived, required, nodes } = result.reach;
  nodes.forEach((_, origin) => {
    nodes.forEach((_, node) => {
      expect(required[origin]?.[node]).toBeGreaterThan(0);
      expect(arrived[origin]?.[node]).toBe(origin === node ? required[origin]?.[node] : 0);
    });
  });
  // Sixty clients send four times each to the six of their room, of whom two are on the same node.
  expect(result.delivery).toMatchObject({ sent: 240, attempted: 1440, once: 480, missing: 960, unexplained: 0 });
  expect(result.missingByCause).toEqual({ 'broker-gap': 960 });
  expect(result.thresholds).toMatchObject([{ metric: 'delivery.missing', actual: 960, ok: false, line: 22 }]);
  await place.expectNothingLeft();
});
