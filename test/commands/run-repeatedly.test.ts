import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { runCli } from '../../src/commands/run-cli.js';
import { createFakeContext } from './fake-context.js';

test('a signal that comes while the folder of the next run is made begins no run and leaves no folder', async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const said: string[] = [];
  const stdout = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      said.push(text);
      // The last that is said before the folder is made.
      if (text.startsWith('run 2 of 3')) fake.signal('SIGINT');
      done();
    },
  });
  const fake = createFakeContext({ cwd, stdout });
  // How the first run ends is not asked here.
  const shortly = ['cluster.nodes=1', 'clients[0].count=4', 'duration=1s', 'contract=custom', 'thresholds={}'];
  const words = ['run', 'smoke', '--repeat', '3', '--out', 'out', ...shortly.flatMap((word) => ['--set', word])];
  expect(await runCli(words, fake.context)).toBe(130);
  expect(said.join('')).toContain('2 not run');
  expect(readdirSync(join(cwd, 'out')).filter((name) => name.startsWith('run-'))).toEqual(['run-1']);
});
