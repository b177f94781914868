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
import { AppError, type ErrorCode, type Result, runScenario, type Scenario, startCluster, type Verdict } from 'cluster-chat';
export const codeOf = (thrown: unknown): ErrorCode | undefined => (thrown instanceof AppError ? thrown.code : undefined);
export const verdictOf = (result: Result): Verdict => result.verdict;
export const nameOf = (scenario: Scenario): string => scenario.name;
export const judge = (signal: AbortSignal): Promise<Result> =>
  runScenario('smoke', { signal, seed: 1, set: ['duration=1s'], onEvent: ({ atMs, text }) => void [atMs, text] });
export const answer = async (): Promise<number> => {
  const cluster = await startCluster({ nodes: 2, broker: 'simple', balancer: 'none' });
  const length = await cluster.node(1).paused(async () => cluster.nodes.length);
  await cluster.close();
  return length;
};
`;

/** A program that uses the library, and tells of itself on stderr only. */
const program = `
import { AppError, runScenario, startCluster } from 'cluster-chat';
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'uncaughtException', 'unhandledRejection'];
const handlers = () => signals.reduce((sum, name) => sum + process.listenerCount(name), 0);
const before = handlers();
const told = {};
const scenario = {
  version: 1, name: 'by hand', duration: '1s', drain: { quiet: '2s' },
  cluster: { nodes: 2, broker: 'embedded' },
  clients: [{ name: 'a', count: 4, subscribe: '/topic/a', send: { to: '/topic/a', every: '200ms', receipt: true } }],
};
const events = [];
const running = runScenario(scenario, { seed: 7, out: 'kept', onEvent: ({ text }) => events.push(text) });
told.handlersWhileRunning = handlers() - before;
const result = await running;
told.result = [result.verdict, result.name, result.seed, result.delivery.missing, result.delivery.once > 0];
told.events = events.includes('the load has ended');
const full = [];
await runScenario({ ...scenario, steps: [{ at: '100ms', fill: 'reports' }] }, { out: 'full', onEvent: ({ text }) => full.push(text) });
told.full = full.find((text) => text.includes('ENOSPC')).replace(process.cwd(), '.').replace(process.cwd(), '.');
try {
  await runScenario({ ...scenario, duratoin: '1s' });
} catch (error) {
  told.mistake = [error instanceof AppError, error.code];
}
try {
  await runScenario(scenario, { signal: AbortSignal.abort(new Error('enough')) });
} catch (error) {
  told.aborted = error.message;
}
const later = new AbortController();
try {
  await runScenario({ ...scenario, duration: '60s' }, {
    signal: later.signal,
    onEvent: ({ text }) => text.startsWith('the load;') && later.abort(new Error('enough of it')),
  });
} catch (error) {
  told.abortedLater = error.message;
}
const cluster = await startCluster({ nodes: 2, broker: 'simple' });
told.urls = [cluster.balancerUrl, ...cluster.nodes.map(({ url }) => url)].every((url) => /^ws:..127.0.0.1:\\d+.ws$/.test(url));
const stateOf = async (name) => (await cluster.status()).find((each) => each.name === name).state;
// A busy machine may keep a node from answering within a second.
const comesUp = async (name) => {
  for (let looks = 0; looks < 20; looks++) if ((await stateOf(name)) === 'up') return 'up';
  return stateOf(name);
};
await cluster.node(2).kill();
told.killed = await stateOf('node-2');
await cluster.node(2).start();
told.started = await comesUp('node-2');
told.paused = [await cluster.node(1).paused(() => stateOf('node-1')), await comesUp('node-1')];
await cluster.node(1).paused(() => Promise.reject(new Error('within'))).catch((error) => { told.within = error.message; });
told.awake = await comesUp('node-1');
try { cluster.node(3); } catch (error) { told.nowhere = error.code; }
const pids = (await cluster.status()).map(({ pid }) => pid);
await cluster.close();
told.left = pids.filter((pid) => { try { process.kill(pid, 0); return true; } catch { return false; } });
told.handlersAfter = handlers() - before;
process.stderr.write(JSON.stringify(told));
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

  function run(cwd: string, command: string, args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 170_000 });
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

  it('runs scenarios and clusters as a library: nothing on stdout, no signal handler, no process left', async () => {
    await writeFile(join(project, 'program.mjs'), program);
    // It ends by itself: nothing keeps it alive once all is done.
    const { status, stdout, stderr } = run(project, process.execPath, ['program.mjs']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(JSON.parse(stderr)).toEqual({
      handlersWhileRunning: 0,
      result: ['pass', 'by hand', 7, 0, true],
      events: true,
      full:
        './full/result.json cannot be written: ENOSPC: no space left on device, write. ' +
        'Free some space, then make it again: cluster-chat report ./full --reporter json',
      mistake: [true, 'scenario-invalid'],
      aborted: 'enough',
      abortedLater: 'enough of it',
      urls: true,
      killed: 'down',
      started: 'up',
      paused: ['hung', 'up'],
      within: 'within',
      awake: 'up',
      nowhere: 'not-found',
      left: [],
      handlersAfter: 0,
    });
    const kept = JSON.parse(await readFile(join(project, 'kept/result.json'), 'utf8'));
    expect(kept).toMatchObject({ schema: 'cluster-chat/result@1', verdict: 'pass', seed: 7 });
    expect(await readFile(join(project, 'kept/events.ndjson'), 'utf8')).toContain('"type":"run-ended"');
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
