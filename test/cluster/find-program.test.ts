import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findProgram } from '../../src/cluster/find-program.js';

function folderWith(name: string, mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), '#!/bin/sh\n');
  chmodSync(join(folder, name), mode);
  return folder;
}

test('a program is found in the folders of PATH, not in relative ones, and only where it can be run', () => {
  const good = folderWith('a-program-of-this-test', 0o755);
  const bad = folderWith('a-program-of-this-test', 0o644);
  expect(findProgram('a-program-of-this-test', { PATH: `${bad}:${good}` })).toBe(join(good, 'a-program-of-this-test'));
  expect(() => findProgram('a-program-of-this-test', { PATH: `:${relative(process.cwd(), good)}` })).toThrow();
});

test('a program that is not installed is an error that says how to install it', () => {
  const missing = () => findProgram('a-program-of-this-test', {});
  expect(missing).toThrow(expect.objectContaining({ code: 'program-missing', exitCode: 4 }));
  expect(missing).toThrow('a-program-of-this-test is not installed');
  expect(missing).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('apt-get install a-program-of-this-test') }),
  );
});
