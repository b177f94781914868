import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from '../../src/cluster/log-file.js';
import { LogReader } from '../../src/cluster/log-reader.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function fail(error: Error): void {
  throw error;
}

test('a log that grew too large is put aside, and only one of these is kept', async () => {
  const first = new LogFile(folder, 'node-1', fail);
  first.write('x'.repeat(600));
  await first.close();
  const log = new LogFile(folder, 'node-1', fail, 1000);
  for (const letter of ['a', 'b', 'c']) log.write(letter.repeat(900));
  await log.close();
  expect(readFileSync(log.path, 'utf8')).toMatch(/^\S+Z c{900}\n$/);
  expect(existsSync(`${log.path}.1`)).toBe(true);
  expect(existsSync(`${log.path}.2`)).toBe(false);
});

test('a reader gives each line once, of all processes in the order of their times', async () => {
  const logs = ['node-1', 'node-2'].map((name) => new LogFile(folder, name, fail));
  const reader = new LogReader(folder);
  logs[0]?.write('one');
  logs[1]?.write('two, ünïcode 🎈');
  await Promise.all(logs.map((log) => log.close()));
  const names = await reader.names();
  expect(names).toEqual(['node-1', 'node-2']);
  expect((await reader.read(names)).map(({ name, text }) => `${name} ${text}`).sort()).toEqual([
    'node-1 one',
    'node-2 two, ünïcode 🎈',
  ]);
  const later = new LogFile(folder, 'node-1', fail);
  later.write('three');
  await later.close();
  expect((await reader.read(names)).map(({ text }) => text)).toEqual(['three']);
});

test('a file that took the place of another is read from its start, however long it is', async () => {
  const reader = new LogReader(folder);
  const path = join(folder, 'node-1.log');
  for (const [index, text] of ['one', 'much longer than the one before', 'short'].entries()) {
    writeFileSync(path, `2026-11-28T20:16:0${index}.000Z ${text}\n`);
    expect((await reader.read(['node-1'])).map((line) => line.text)).toEqual([text]);
    rmSync(path);
    expect(await reader.read(['node-1'])).toEqual([]);
  }
});

test('a folder that is not there yet may still come', async () => {
  const reader = new LogReader(join(folder, 'later'));
  await reader.changed(new AbortController().signal);
  expect(await reader.names()).toEqual([]);
});

test.each([
  ['its own file cannot be made', '', 'missing/deeper'],
  ['its folder cannot be made', 'file/logs', 'node-1'],
])('a log that cannot be written, because %s, is told once and ends nothing', async (_, within, name) => {
  writeFileSync(join(folder, 'file'), '');
  const errors: Error[] = [];
  const log = new LogFile(join(folder, within), name, (error) => errors.push(error));
  log.write('one');
  log.write('two');
  await log.close();
  expect(errors).toHaveLength(1);
});

test('a log that cannot be put aside is told once and ends nothing', async () => {
  const errors: Error[] = [];
  const log = new LogFile(folder, 'node-1', (error) => errors.push(error), 1000);
  mkdirSync(`${log.path}.1`);
  for (const letter of ['a', 'b', 'c']) log.write(letter.repeat(900));
  await log.close();
  expect(errors).toHaveLength(1);
});
