import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { expectSound } from './expect-sound.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

/** A minute's scenario in a few seconds, with steps. */
function write(duration: string, steps: string): void {
  const text = `version: 1
name: steps
seed: 4711
clients:
  - name: a
    count: 30
    rooms: 3
    subscribe: /topic/{room}.m
    send: { to: "/topic/{room}.m", every: 500ms, receipt: true }
    reconnect: { profile: full-jitter, min: 50ms, max: 500ms }
    recover: true
duration: ${duration}
contract: at-least-once
steps:
${steps}
`;
  writeFileSync(join(place.cwd, 's.yaml'), text);
}

async function run(out = 'out'): Promise<{ result: Result; said: string }> {
  const { stdout, stderr } = await place.run('run', 's.yaml', '--out', out, '--reporter', 'plain');
  expect(stderr).toBe('');
  const result = place.result(out);
  expectSound(result);
  await place.expectNothingLeft();
  return { result, said: stdout };
}

test('a step with every comes again at times that nothing moves; while its last one goes on it is skipped', async () => {
  write('6s', '  - { at: 1s, every: 1s, kill: node-2, for: 800ms }');
  const { result, said } = await run();
  expect(result).toMatchObject({ verdict: 'pass' });
  const kills = result.faults.filter(({ type }) => type === 'kill');
  expect(kills.every(({ observed }) => observed)).toBe(true);
  expect(result.faults.filter(({ type }) => type === 'start')).toHaveLength(kills.length);
  // A node that is slow to start makes some be skipped, but moves none: each is one of those due at 1 s to 5 s.
  const skipped = said.match(/kill, due every 1\.00s, is skipped: its last one has not ended/g) ?? [];
  expect(kills.length + skipped.length).toBe(5);
  const dueSeconds = kills.map(({ atMs }) => Math.floor((atMs + 2) / 1000));
  expect(new Set(dueSeconds).size).toBe(kills.length);
  expect(dueSeconds.every((second) => second >= 1)).toBe(true);
  expect(result.delivery).toMatchObject({ missing: 0, unexplained: 0 });
});

test('what is down at the end of the load is started before the drain', async () => {
  write('3s', '  - { at: 2s, kill: node-2, for: 30s }');
  const { result } = await run();
  expect(result).toMatchObject({ verdict: 'pass' });
  expect(result.faults.map(({ type, observed }) => [type, observed])).toEqual([
    ['kill', true],
    ['start', true],
  ]);
});

test('a step after another waits until that was seen to happen, or until every client is back', async () => {
  write(
    '8s',
    `  - { at: 500ms, kill: node-1 }
  - { after: { fault: kill, plus: 500ms }, start: node-1 }
  - { after: { recovered: start }, name: last, pause: node-2, for: 300ms }`,
  );
  const { result } = await run();
  expect(result).toMatchObject({ verdict: 'pass' });
  const [kill, start, pause] = result.faults;
  expect([kill?.type, start?.type, pause?.type]).toEqual(['kill', 'start', 'pause']);
  expect((start?.atMs ?? 0) - (kill?.atMs ?? 0)).toBeGreaterThanOrEqual(500);
  // A whole second in which nobody was away.
  expect((pause?.atMs ?? 0) - (start?.atMs ?? 0)).toBeGreaterThanOrEqual(1000);
});

test('a step that waits for something which never comes did not happen, and nothing is concluded from it', async () => {
  write(
    '3s',
    `  - { at: 1s, unpause: node-1 }
  - { after: { fault: unpause }, kill: node-2, for: 1s }`,
  );
  const { result } = await run();
  expect(result.verdict).toBe('inconclusive');
  expect(result.reasons).toContain('the fault "kill node-2" was not seen to have happened');
  expect(result.faults.map(({ observed }) => observed)).toEqual([false, false]);
});

test('chaos does as many faults as its budget, and the same seed chooses the same', async () => {
  write(
    '20s',
    `  - at: 500ms
    chaos:
      faults: [{ kill: random, for: 300ms }, { pause: random, for: 200ms }, { restart: random }]
      budget: 4
      gap: 500ms`,
  );
  const chosen = async (out: string): Promise<string[]> => {
    const { result, said } = await run(out);
    expect(result).toMatchObject({ verdict: 'pass' });
    const disturbing = result.faults.filter(({ type }) => ['kill', 'pause', 'restart'].includes(type));
    expect(disturbing).toHaveLength(4);
    for (const { type, node } of disturbing) expect(said).toContain(`${type} ${node}`);
    return disturbing.map(({ type, node }) => `${type} ${node}`);
  };
  expect(await chosen('first')).toEqual(await chosen('second'));
});
