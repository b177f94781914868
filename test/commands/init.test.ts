import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../../src/commands/run-cli.js';
import { createFakeContext } from './fake-context.js';

describe('init', () => {
  let cwd: string;

  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'init-'));
  });

  it('writes a scenario, its schema and a CI job, and says what to do next', async () => {
    const fake = createFakeContext({ cwd });
    expect(await runCli(['init', 'new'], fake.context)).toBe(0);
    expect(fake.stdout()).toBe(
      [
        'wrote new/scenario.yaml',
        'wrote new/scenario.schema.json',
        'wrote new/.github/workflows/cluster-chat.yml',
        'next: npx cluster-chat run new/scenario.yaml',
        '',
      ].join('\n'),
    );
    const job = parse(await readFile(join(cwd, 'new/.github/workflows/cluster-chat.yml'), 'utf8'));
    expect(Object.keys(job.jobs)).toEqual(['delivery']);
  });

  it('writes a scenario that is valid', async () => {
    await runCli(['init'], createFakeContext({ cwd }).context);
    const fake = createFakeContext({ cwd });
    expect(await runCli(['validate', 'scenario.yaml'], fake.context)).toBe(0);
  });

  it('writes the schema that `schema` prints', async () => {
    await runCli(['init'], createFakeContext({ cwd }).context);
    const fake = createFakeContext({ cwd });
    await runCli(['schema'], fake.context);
    expect(await readFile(join(cwd, 'scenario.schema.json'), 'utf8')).toBe(fake.stdout());
  });

  it.each(['scenario.yaml', 'scenario.schema.json'])(
    'leaves an existing %s and everything else alone',
    async (name) => {
      await writeFile(join(cwd, name), 'mine');
      const fake = createFakeContext({ cwd });
      expect(await runCli(['init'], fake.context)).toBe(2);
      expect(fake.stderr()).toBe(
        `error: ${join(cwd, name)} exists already\n  It was left as it is. Move it away, or name another folder: cluster-chat init <dir>\n`,
      );
      expect(await readFile(join(cwd, name), 'utf8')).toBe('mine');
      expect(await readdir(cwd)).toEqual([name]);
    },
  );

  it('ends with 4 where it may not write', async () => {
    await writeFile(join(cwd, 'file'), '');
    const fake = createFakeContext({ cwd });
    expect(await runCli(['init', 'file/below'], fake.context)).toBe(4);
    expect(fake.stderr()).toContain('cannot be written: ENOTDIR');
  });
});
