import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/core/package-root.js';

/** What packing reads. A copy is packed, because packing builds dist/, which other suites are running from. */
const sources = [
  ...['bin', 'scenarios', 'scripts', 'src', 'test'],
  ...['package.json', 'tsconfig.json', 'tsconfig.build.json'],
  ...['CHANGELOG.md', 'LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.md'],
];

/** What a user of the library may write. */
const consumer = `
import { AppError, type ErrorCode, type Result, type Scenario, type Verdict } from 'cluster-chat';
export const codeOf = (thrown: unknown): ErrorCode | undefined => (thrown instanceof AppError ? thrown.code : undefined);
export const verdictOf = (result: Result): Verdict => result.verdict;
export const nameOf = (scenario: Scenario): string => scenario.name;
`;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

describe('the package', () => {
  let folder: string;
  let checkout: string;
  /** An empty project, in which the package is installed. */
  let project: string;
  let packed: Packed;
  const installed = () => join(project, 'node_modules/cluster-chat');

  function run(cwd: string, program: string, args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8', timeout: 60_000 });
    return { status, stdout, stderr };
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pack-'));
    checkout = join(folder, 'checkout');
    project = join(folder, 'project');
    await mkdir(project);
    for (const path of sources) await cp(join(packageRoot(), path), join(checkout, path), { recursive: true });
    await symlink(join(packageRoot(), 'node_modules'), join(checkout, 'node_modules'));
    const packing = run(checkout, 'npm', ['pack', '--json', '--pack-destination', folder]);
    if (packing.status !== 0) throw new Error(packing.stderr);
    // The build scripts may speak before the JSON does.
    packed = JSON.parse(packing.stdout.slice(packing.stdout.indexOf('[')))[0];
    const flags = ['--offline', '--no-audit', '--no-fund', '--prefix', project];
    const installing = run(project, 'npm', ['install', ...flags, join(folder, packed.filename)]);
    if (installing.status !== 0) throw new Error(installing.stderr);
  }, 180_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds the launcher, the program, the scenarios and the papers, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    const others = paths.filter(
      (path) => !/^dist\/(chunks|types)\/[\w./-]+\.(js|d\.ts)$|^scenarios\/[\w-]+\.yaml$/.test(path),
    );
    expect(others.sort()).toEqual(
      [
        ...['CHANGELOG.md', 'LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.md', 'package.json'],
        ...['bin/cluster-chat.js', 'dist/cli.js', 'dist/index.js', 'scenarios/scenario.schema.json'],
      ].sort(),
    );
    expect(paths).toContain('dist/types/index.d.ts');
    expect(paths).toContain('scenarios/smoke.yaml');
  });

  it('stays small: a download of less than 2 MB', () => {
    expect(packed.size).toBeLessThan(2_000_000);
  });

  it('has no dependencies', async () => {
    const manifest = JSON.parse(await readFile(join(installed(), 'package.json'), 'utf8'));
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.optionalDependencies).toBeUndefined();
    expect(manifest.peerDependencies).toBeUndefined();
  });

  it('runs where nothing else is installed: --version, --help, validate smoke', async () => {
    const { version } = JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8'));
    const npx = (...words: string[]) => run(project, 'npx', ['--no-install', 'cluster-chat', ...words]);
    expect(npx('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
    expect(npx('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage: cluster-chat') });
    expect(npx('validate', 'smoke')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^✓ .*smoke/) });
  });

  it('can be imported as a library, and no import of it prints anything', () => {
    const script = "const library = await import('cluster-chat'); process.stdout.write(typeof library.AppError);";
    const { status, stdout, stderr } = run(project, process.execPath, ['--input-type=module', '--eval', script]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'function', stderr: '' });
  });

  it('brings types that compile in a strict project that has the types of Node', async () => {
    const tsc = join(packageRoot(), 'node_modules/typescript/bin/tsc');
    await writeFile(join(project, 'consumer.ts'), consumer);
    await mkdir(join(project, 'node_modules/@types'), { recursive: true });
    for (const types of ['@types/node', 'undici-types']) {
      await symlink(join(packageRoot(), 'node_modules', types), join(project, 'node_modules', types));
    }
    const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'];
    expect(run(project, process.execPath, [tsc, ...flags, 'consumer.ts'])).toMatchObject({ status: 0, stdout: '' });
  });

  it('has no fault that publint knows', async () => {
    const { messages } = await publint({ pkgDir: installed(), strict: true, pack: false });
    expect(messages).toEqual([]);
  });
});
