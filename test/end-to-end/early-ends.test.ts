import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { expectSound } from './expect-sound.js';
import { expectNoTrace, Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const quietly = ['clients[0].count=12', 'clients[0].send.every=250ms'];

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while a node does not become ready ends the start with %i', async (signal, expected) => {
  const program = 'cluster.program=[sleep, "60"]';
  const { child, says, ended } = place.start(['run', 'smoke', '--allow-exec', ...set(program)]);
  await says('broker ready');
  child.kill(signal);
  const end = await ended;
  expectNoTrace(end);
  expect(end.stdout).toMatch(/interrupted: there is no verdict/);
  expect(end.code).toBe(expected);
  await place.expectNothingLeft();
});

test.each([
  ['its own', '4s', 0],
  ['Ctrl-C', '50s', 130],
] as const)(
  'a fault that lasts is undone at the end of the load, at %s, before the last receipts are waited for',
  async (...of) => {
    const [end, duration, expected] = of;
    const steps = 'steps=[{ at: 1s, cut: broker }]';
    const words = ['run', 'smoke', '--out', 'out', ...set(...quietly, `duration=${duration}`, 'warmup=0s', steps)];
    const { child, says, ended } = place.start([...words, ...set('contract=custom', 'thresholds={}')]);
    await says('link to the broker cut');
    if (end === 'Ctrl-C') child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(expected);
    const order = ['link to the broker cut', 'link to the broker mended', 'the load has ended', 'PASSED'];
    const places = order.map((text) => stdout.indexOf(text));
    expect(places[0]).toBeGreaterThan(0);
    expect(places).toEqual([...places].sort((one, other) => one - other));
    await place.expectNothingLeft();
  },
);

test('a reader of stdout that leaves early changes nothing about the verdict', async () => {
  const passed = place.start(['run', 'smoke', '--out', 'pass', ...set(...quietly, 'duration=1s')], {
    bash: '"$@" | head -1; exit $PIPESTATUS',
  });
  const { stdout, stderr, code } = await passed.ended;
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  expect(place.result('pass').verdict).toBe('pass');
  const failed = place.start(['run', 'simple-broker', '--out', 'fail', ...set('duration=1s')], {
    bash: '"$@" | head -1; exit $PIPESTATUS',
  });
  expect(await failed.ended).toMatchObject({ stderr: '', code: 1 });
  await place.expectNothingLeft();
});

test('Ctrl-C at ten random moments always ends with 130, and leaves a whole result or none', async () => {
  const random = createRandom(20_261_124);
  for (let round = 0; round < 10; round++) {
    const out = `out-${round}`;
    const { child, ended } = place.start([
      ...['run', 'smoke', '--out', out],
      ...set(...quietly, 'duration=30s', 'drain.quiet=200ms'),
    ]);
    const delayMs = 50 + random.int(3500);
    const timer = setTimeout(() => child.kill('SIGINT'), delayMs);
    const end = await ended;
    clearTimeout(timer);
    expectNoTrace(end);
    expect([round, delayMs, end.code === null ? end.signal : end.code]).toEqual([
      round,
      delayMs,
      end.code === null ? 'SIGINT' : 130,
    ]);
    if (end.stdout.includes('DELIVERY')) expectSound(place.result(out));
    await place.expectNothingLeft();
  }
});
