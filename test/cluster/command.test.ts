import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../../src/cluster/command.js';
import { identify } from '../../src/cluster/pid.js';
import { waitUntil } from '../../src/core/clock.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-chat-command-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = { env: process.env, timeoutMs: 20_000 };

test('words reach the command as they are; no shell reads them', async () => {
  const file = join(folder, 'words');
  const write = 'require("fs").writeFileSync(process.argv[1], process.argv.slice(2).join("|"))';
  await runCommand([process.execPath, '-e', write, file, '$HOME', '*; exit 3', ''], options);
  expect(readFileSync(file, 'utf8')).toBe('$HOME|*; exit 3|');
});

test('a command that ends with another code has failed, and its last lines are told without secrets', async () => {
  const script = 'for i in 1 2 3; do echo "line $i"; done; echo "amqp://me:secret@h" >&2; exit 3';
  const failure = runCommand(['sh', '-c', script], options);
  await expect(failure).rejects.toThrow(/ended with exit code 3; its last lines: .*line 3/);
  await expect(failure).rejects.not.toThrow(/secret/);
});

test('a command that cannot be started has failed', async () => {
  await expect(runCommand([join(folder, 'none')], options)).rejects.toThrow(/ENOENT/);
});

test('a command that does not end in time is killed with all that it started', async () => {
  const file = join(folder, 'pid');
  const failure = runCommand(['sh', '-c', `sleep 60 & echo $! > ${file}; wait`], { ...options, timeoutMs: 5_000 });
  await expect(failure).rejects.toThrow('did not end within 5.00s');
  const pid = Number(readFileSync(file, 'utf8'));
  expect(await waitUntil(() => identify(pid) === undefined, { timeoutMs: 30_000 })).toBe(true);
});

test('a command that is broken off rejects with the reason', async () => {
  const abort = new AbortController();
  const file = join(folder, 'begun');
  const broken = runCommand(['sh', '-c', `touch ${file}; sleep 60`], { ...options, signal: abort.signal });
  const rejected = expect(broken).rejects.toThrow('enough');
  await waitUntil(() => existsSync(file), { timeoutMs: 30_000 });
  abort.abort(new Error('enough'));
  await rejected;
});
