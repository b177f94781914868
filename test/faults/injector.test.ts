import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../src/cluster/command.js';
import type { FaultScene } from '../../src/faults/fault.js';
import { Injector } from '../../src/faults/injector.js';
import { requestOf } from '../../src/faults/registry.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Commands need nothing of a cluster. */
const scene: Pick<FaultScene, 'run' | 'abort'> = {
  run: (command, timeoutMs, signal) => runCommand(command, { env: process.env, timeoutMs, signal }),
  abort: new AbortController().signal,
};

function injectorOfCommands(): Injector {
  return new Injector(scene as FaultScene);
}

test('who asks for the end of a fault that is being undone waits for that, and it is undone once', async () => {
  const [gate, log] = [join(folder, 'gate'), join(folder, 'log')];
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', gate]);
  writeFileSync(log, '');
  const injector = injectorOfCommands();
  const request = requestOf('exec', { exec: ['true'], undo: ['sh', '-c', 'cat "$1" >> "$2"', 'sh', gate, log] });
  expect(await injector.inject('command', request)).toMatchObject({ failure: undefined });
  // A step that ends, the end of the load, and somebody who ends the run at once.
  const asked = [injector.end('command', request), injector.heal(), injector.heal('command')] as const;
  await writeFile(gate, 'undone\n');
  const [ended, ...healed] = await Promise.all(asked);
  expect(ended).toMatchObject({ type: 'heal-exec', failure: undefined });
  expect(healed).toEqual([[], []]);
  expect(readFileSync(log, 'utf8')).toBe('undone\n');
  expect(await injector.heal()).toEqual([]);
});

test('the end of a command names the one that it undoes, and no other that goes on', async () => {
  const injector = injectorOfCommands();
  const requests = ['one', 'other'].map((text) => requestOf('exec', { exec: ['echo', text], undo: ['true'] }));
  for (const request of requests) {
    const { atMicros } = await injector.inject('command', request);
    expect(await injector.end('command', request, atMicros)).toMatchObject({ type: 'heal-exec', ends: atMicros });
  }
});

test('what lasts in a process ends with its life, unless its next life begins with it', async () => {
  const injector = injectorOfCommands();
  // Nothing of it happens here: there is no cluster.
  const endingsOf = async (type: string): Promise<readonly string[]> =>
    (await injector.inject('node-1', requestOf(type, type === 'clock' ? { by: 5_000 } : {}))).endedBy;
  expect(await endingsOf('pause')).toEqual(['unpause', 'kill', 'stop', 'start', 'restart']);
  expect(await endingsOf('exhaust')).toEqual(['heal-exhaust', 'kill', 'stop', 'start', 'restart']);
  expect(await endingsOf('clock')).toEqual(['heal-clock']);
  expect(await endingsOf('blackhole')).toEqual(['heal-blackhole']);
});

test('what could not be undone at its time is tried once more at the end, and then said', async () => {
  const injector = injectorOfCommands();
  const request = requestOf('exec', {
    exec: ['true'],
    undo: ['sh', '-c', 'echo tried >> "$1"; exit 3', 'sh', join(folder, 'log')],
  });
  await injector.inject('command', request);
  expect((await injector.end('command', request)).failure).toContain('3');
  const [failure = ''] = await injector.heal();
  expect(failure).toMatch(/^exec command could not be undone: /);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('tried\ntried\n');
  expect(await injector.heal()).toEqual([]);
});
