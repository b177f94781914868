import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Leash } from '../../src/cluster/leash.js';
import { identify, isAlive, type ProcessIdentity, signalProcess } from '../../src/cluster/pid.js';
import { waitUntil } from '../../src/core/clock.js';
import { makePackageFolder, type PackageFolder } from './package-folder.js';

const observe = { timeoutMs: 30_000 };
let folder: PackageFolder;

beforeAll(async () => {
  folder = await makePackageFolder('orphaning.ts');
});
afterAll(() => folder.remove());

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) {
    text += String(part);
    if (text.includes('\n')) break;
  }
  return text;
}

/** A process that does nothing, to be watched. */
function idle(): { pid: number; isGroup: boolean; identity: ProcessIdentity } {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error('sleep did not start');
  return { pid: identity.pid, isGroup: false, identity };
}

test.each([1, 2, 3, 4, 5])(
  'no child outlives a killed supervisor, be it paused, caught in a loop or foreign (round %i)',
  async () => {
    const supervisor = spawn(process.execPath, [folder.launcher], { stdio: ['ignore', 'pipe', 'inherit'] });
    const identities: ProcessIdentity[] = JSON.parse(await firstLine(supervisor.stdout));
    expect(identities.filter(isAlive)).toHaveLength(4);
    const gone = once(supervisor, 'exit');
    supervisor.kill('SIGKILL');
    await gone;
    await waitUntil(() => !identities.some(isAlive), observe);
    expect(identities.filter(isAlive)).toEqual([]);
  },
);

test('what was taken off the leash lives on when it closes, what is on it ends', async () => {
  const kept = idle();
  const freed = idle();
  const leash = new Leash(() => undefined);
  leash.add(kept);
  leash.add(freed);
  leash.remove(freed);
  await leash.close();
  expect(await waitUntil(() => !isAlive(kept.identity), observe)).toBe(true);
  expect(isAlive(freed.identity)).toBe(true);
  signalProcess(freed.identity, 'SIGKILL');
});

test('a leash that was killed is renewed with all that it held', async () => {
  const held = idle();
  const leash = new Leash(() => undefined);
  leash.add(held);
  const first = leash.pid ?? 0;
  const shell = identify(first);
  if (shell === undefined) throw new Error('there is no shell');
  signalProcess(shell, 'SIGKILL');
  expect(await waitUntil(() => leash.pid !== undefined && leash.pid !== first, observe)).toBe(true);
  expect(isAlive(held.identity)).toBe(true);
  await leash.close();
  expect(await waitUntil(() => !isAlive(held.identity), observe)).toBe(true);
});
