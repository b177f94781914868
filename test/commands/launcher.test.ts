import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/package-root.js';

describe('the launcher', () => {
  let bin: string;
  let dist: string;

  beforeEach(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'launcher-'));
    await mkdir(join(folder, 'bin'));
    dist = join(folder, 'dist');
    await mkdir(dist);
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    bin = join(folder, 'bin/cluster-chat.js');
    await copyFile(join(packageRoot(), 'bin/cluster-chat.js'), bin);
  });

  function run(options: { flags?: readonly string[]; env?: Record<string, string> } = {}) {
    const env = { PATH: process.env['PATH'] ?? '', ...options.env };
    return spawnSync(process.execPath, [...(options.flags ?? []), bin], { env, encoding: 'utf8' });
  }

  it('says how to build a program that is not built, and ends with 2', () => {
    const { status, stderr } = run();
    expect(status).toBe(2);
    expect(stderr).toBe('error: the program is not built yet\n  In a checkout, run: npm install && npm run build\n');
  });

  it.each(['18.20.0', '20.18.9', '21.7.0', '22.11.0', '23.5.0'])(
    'refuses Node %s with exit code 2',
    async (version) => {
      const old = join(dist, 'old.cjs');
      await writeFile(
        old,
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
      );
      const { status, stderr } = run({ flags: ['--require', old] });
      expect(status).toBe(2);
      expect(stderr).toBe(
        `error: Node ${version} is not supported\n  Install Node 20.19, 22.12, 24 or newer: https://nodejs.org\n`,
      );
    },
  );

  it('chooses the production build of React unless told otherwise', async () => {
    await writeFile(join(dist, 'cli.js'), 'console.log(process.env.NODE_ENV);');
    expect(run().stdout).toBe('production\n');
    expect(run({ env: { NODE_ENV: 'test' } }).stdout).toBe('test\n');
  });

  it.each([
    ['a rejection that nobody awaits', 'Promise.reject(new Error("unforeseen"))'],
    ['an exception that nobody catches', '(() => { throw new Error("unforeseen"); })()'],
  ])('ends with 5, not with the code of a verdict, after %s', async (_, defect) => {
    const preload = join(dist, 'defect.cjs');
    // The piece runs once it listens for signals.
    const defectOnce = `if (process.listenerCount('SIGTERM') === 0) return; clearInterval(timer); ${defect};`;
    await writeFile(preload, `const timer = setInterval(() => { ${defectOnce} }, 10);`);
    const words = ['--require', preload, join(packageRoot(), 'bin/cluster-chat.js'), 'broker', '--port', '0'];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(stderr).toContain('error: unforeseen\n  This is a defect of cluster-chat; please report it');
    expect(stderr).toMatch(/^ {4}at /m);
    expect(status).toBe(5);
  });
});
