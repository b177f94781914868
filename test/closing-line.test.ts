import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/core/package-root.js';

const config = `
import { defineConfig } from 'vitest/config';
import { ClosingLine } from ${JSON.stringify(join(packageRoot(), 'test/closing-line.ts'))};
export default defineConfig({ test: { reporters: ['default', new ClosingLine()] } });
`;

/** Runs a test file with the real runner; the last line of what it writes, and how it ends. */
async function lastLineOf(
  text: string,
): Promise<{ readonly line: string | undefined; readonly status: number | null }> {
  const folder = await mkdtemp(join(tmpdir(), 'closing-line-'));
  try {
    await symlink(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'vitest.config.ts'), config);
    await writeFile(join(folder, 'one.test.ts'), `import { expect, it } from 'vitest';\n${text}`);
    const program = join(packageRoot(), 'node_modules/vitest/vitest.mjs');
    const { stdout, status } = spawnSync(process.execPath, [program, 'run'], { cwd: folder, encoding: 'utf8' });
    return { line: stdout.trimEnd().split('\n').at(-1), status };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('the last line of the tests', () => {
  it('counts what passed and what was skipped', async () => {
    const text = "it('a', () => {}); it('b', () => {}); it.skip('c', () => {}); it.todo('d');";
    expect(await lastLineOf(text)).toEqual({ line: '2 passed, 0 failed, 2 skipped', status: 0 });
  });

  it('counts what failed', async () => {
    const text = "it('a', () => {}); it('b', () => { expect(1).toBe(2); });";
    expect(await lastLineOf(text)).toEqual({ line: '1 passed, 1 failed, 0 skipped', status: 1 });
  });

  it('counts a file that cannot be loaded as failed', async () => {
    expect(await lastLineOf("throw new Error('broken');")).toEqual({
      line: '0 passed, 1 failed, 0 skipped',
      status: 1,
    });
  });

  it('counts an error that belongs to no test as failed', async () => {
    const text = "it('a', () => { Promise.reject(new Error('late')); });";
    expect(await lastLineOf(text)).toEqual({ line: '1 passed, 1 failed, 0 skipped', status: 1 });
  });
});
