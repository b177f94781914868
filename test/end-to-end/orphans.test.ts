import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isPortFree } from '../../src/cluster/port.js';
import { waitUntil } from '../../src/core/clock.js';
import { Place, set } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

const quietly = ['clients[0].count=12', 'duration=50s'];

test.each([
  ['while it starts', /ready/],
  ['under load', 'from its start on times count anew'],
])('nothing outlives a run that is killed with SIGKILL %s', async (_, moment) => {
  const { child, says, ended } = place.start(['run', 'smoke', '--out', 'out', ...set(...quietly)]);
  await says(moment);
  child.kill('SIGKILL');
  await place.expectNothingLeft();
  expect(await ended).toMatchObject({ code: null, signal: 'SIGKILL' });
});

test('nothing outlives a run that is killed while one node hangs and another is a foreign program', async () => {
  const pause = set(...quietly, 'steps=[{at: 0s, pause: node-1}]');
  const { child, says } = place.start(['run', 'smoke', ...pause]);
  await says('node-1 paused');
  child.kill('SIGKILL');
  await place.expectNothingLeft();
  const program = 'cluster.program=[bash, "-c", "sleep 60 & sleep 60"]';
  const foreign = place.start(['run', 'smoke', '--allow-exec', ...set(program)]);
  await foreign.says('broker ready');
  foreign.child.kill('SIGKILL');
  await place.expectNothingLeft();
});

/** Starts a piece and dies before that can have begun. */
const dyingParent = `node -e '
  const [bin, ...words] = process.argv.slice(2);
  require("node:child_process").fork(bin, words, { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  process.kill(process.pid, "SIGKILL");
' "$@"`;

test.each([
  ['node', '--name', 'node-1', '--port', '0'],
  ['broker', '--port', '0'],
  ['balancer', '--port', '0'],
  ['worker', '--name', 'worker-1'],
])('a %s whose parent was killed while it was starting ends by itself', async (...words) => {
  await place.start(words, { bash: dyingParent }).ended;
  expect(await waitUntil(() => place.processes().length === 0, { timeoutMs: 20_000 })).toBe(true);
});

test('nothing outlives a killed supervisor of up, and the next up cleans up and says so', async () => {
  const { child, says } = place.start(['up', '--port', '0', '-n', '2']);
  await says('Try next');
  expect(place.processes().length).toBeGreaterThanOrEqual(5);
  child.kill('SIGKILL');
  await place.expectNothingLeft();
  const next = await place.run('up', '-d', '--port', '0', '-n', '1');
  expect(next).toMatchObject({ code: 0, stderr: '' });
  expect(next.stdout).toMatch(/^cleaned up after a cluster that was killed \(0 processes ended\)$/m);
  expect(await place.run('down')).toMatchObject({ code: 0, stderr: '' });
  await place.expectNothingLeft();
});

test('two projects run side by side, and the end of one leaves the other alone', async () => {
  for (const project of ['a', 'b']) {
    const up = await place.run('up', '-d', '--port', '0', '-n', '1', '-p', project);
    expect(up).toMatchObject({ code: 0, stderr: '' });
  }
  expect(await place.run('kill', '-p', 'a', 'node-1')).toMatchObject({ code: 0 });
  expect(await place.run('down', '-p', 'a')).toMatchObject({ code: 0 });
  const ps = async () => JSON.parse((await place.run('ps', '-p', 'b', '--json')).stdout);
  expect(await ps()).toMatchObject({ schema: 'cluster-chat/ps@1', project: 'b' });
  const states = async () =>
    (await ps()).processes.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`).sort();
  await expect.poll(states).toEqual(['balancer up', 'broker up', 'node-1 up']);
  expect(await place.run('down', '-p', 'b')).toMatchObject({ code: 0 });
  await place.expectNothingLeft();
});

test('up without --port moves on from a port that is taken, and says so', async () => {
  const usual = 7100;
  const server = createServer();
  if (await isPortFree('127.0.0.1', usual)) {
    server.listen({ host: '127.0.0.1', port: usual });
    await once(server, 'listening');
  }
  try {
    const { code, stdout, stderr } = await place.run('up', '-d', '-n', '1');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^a port of 7100 to 7101 is taken: using \d+ on$/m);
    expect(code).toBe(0);
    expect(await place.run('down')).toMatchObject({ code: 0 });
  } finally {
    server.close();
  }
  await place.expectNothingLeft();
});
