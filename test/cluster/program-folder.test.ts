import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ProgramFolder } from '../../src/cluster/program-folder.js';

test('a folder is private, holds the configuration, and is gone when it is disposed', () => {
  const folder = new ProgramFolder('some.conf');
  folder.writeConfig('words\n');
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  expect(statSync(folder.configPath).mode & 0o777).toBe(0o600);
  expect(readFileSync(folder.configPath, 'utf8')).toBe('words\n');
  folder[Symbol.dispose]();
  expect(existsSync(folder.path)).toBe(false);
});

test('a folder whose supervisor was killed is removed by the next one, and that of a living one is not', () => {
  using living = new ProgramFolder('some.conf');
  const abandoned = new ProgramFolder('some.conf');
  const { pid } = spawnSync('true');
  writeFileSync(join(abandoned.path, 'owner.json'), JSON.stringify({ pid, startTime: 'long ago' }));
  using _ = new ProgramFolder('some.conf');
  expect(existsSync(abandoned.path)).toBe(false);
  expect(existsSync(living.path)).toBe(true);
});
