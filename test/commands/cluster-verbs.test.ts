import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { isAlive, isStopped, type ProcessIdentity, signalProcess } from '../../src/cluster/pid.js';
import { placeOf } from '../../src/cluster/project.js';
import { readState } from '../../src/cluster/state-file.js';
import { waitUntil } from '../../src/core/clock.js';
import type { ProcessStatus } from '../../src/record/snapshot.js';
import { makePackageFolder, type PackageFolder } from '../cluster/package-folder.js';

const observe = { timeoutMs: 30_000 };
let folder: PackageFolder;
let cwd: string;
/** Everything that a test saw running; none of it may be left. */
let seen: ProcessIdentity[];
let count = 0;

beforeAll(async () => {
  folder = await makePackageFolder('launcher.ts');
});
afterAll(() => folder.remove());
beforeEach(() => {
  cwd = join(folder.cwd, `work-${++count}`);
  mkdirSync(cwd);
  seen = [];
});
afterEach(async () => {
  if (readState(placeOf(cwd, 'default')) !== undefined) await cli('down');
  expect(seen.filter(isAlive)).toEqual([]);
  rmSync(cwd, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts our program; what it writes is gathered in the object, from the first byte on. */
function start(...words: string[]): {
  child: ChildProcess;
  said: { stdout: string; stderr: string };
  ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, [folder.launcher, ...words], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    said.stdout += String(text);
  });
  child.stderr.on('data', (text) => {
    said.stderr += String(text);
  });
  const ended = once(child, 'close').then(([code]) => ({ code, ...said }));
  return { child, said, ended };
}

function cli(...words: string[]): Promise<Ended> {
  return start(...words).ended;
}

function remember(): ProcessIdentity[] {
  const state = readState(placeOf(cwd, 'default'));
  const found = state === undefined ? [] : [state.supervisor, ...state.processes];
  seen.push(...found);
  return found;
}

async function ps(): Promise<ProcessStatus[]> {
  const { stdout } = await cli('ps', '--json');
  return JSON.parse(stdout).processes;
}

/** All of them, once each that lives answers: a busy machine may keep one from that for a second. */
async function answering(): Promise<ProcessStatus[]> {
  let processes: ProcessStatus[] = [];
  const isAnswered = async (): Promise<boolean> => {
    processes = await ps();
    return processes.every(({ state }) => state !== 'hung');
  };
  await waitUntil(isAnswered, { timeoutMs: 30_000 });
  return processes;
}

async function statusOf(name: string): Promise<ProcessStatus | undefined> {
  return (await answering()).find((status) => status.name === name);
}

async function upDetached(...words: string[]): Promise<Ended> {
  const ended = await cli('up', '-d', '--port', '0', '-n', '2', ...words);
  remember();
  return ended;
}

test('up -d prints the banner and leaves a cluster that ps shows and down ends', async () => {
  const { code, stdout } = await upDetached();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^2 nodes · broker embedded · ready in \d+\.\d\ds$/m);
  expect(stdout).toMatch(/^ {2}node-2 {5}ws:\/\/127\.0\.0\.1:\d+\/ws$/m);
  expect(stdout).toContain('cluster-chat kill node-2');
  const listed = await cli('ps', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({ schema: 'cluster-chat/ps@1', project: 'default' });
  expect((await answering()).map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
    'balancer up',
    'broker up',
    'node-1 up',
    'node-2 up',
  ]);
  expect((await cli('ps')).stdout).toMatch(/^NAME +STATE +PID +PORT +CONNECTIONS/);
  const down = await cli('down');
  expect(down).toMatchObject({ code: 0, stderr: '' });
  expect(down.stdout).toMatch(/^down in /);
  expect(seen).toHaveLength(5);
  expect(seen.filter(isAlive)).toEqual([]);
  expect(readdirSync(placeOf(cwd, 'default').folder).filter((name) => name.startsWith('state'))).toEqual([]);
});

test('the verbs operate one process and say so', async () => {
  await upDetached();
  const before = await statusOf('node-2');
  expect((await cli('kill', 'node-2')).stdout).toMatch(/^node-2 killed \(SIGKILL\) in \S+s\n$/);
  expect(await statusOf('node-2')).toMatchObject({ state: 'down', pid: null, port: before?.port });
  expect((await cli('start', 'node-2')).stdout).toMatch(/^node-2 started in /);
  expect(await statusOf('node-2')).toMatchObject({ state: 'up', port: before?.port, restarts: 1 });
  expect((await cli('pause', 'node-1')).stdout).toMatch(/^node-1 paused in /);
  const paused = (await ps()).find(({ name }) => name === 'node-1');
  expect(paused?.state).toBe('hung');
  expect(isStopped(paused?.pid ?? 0)).toBe(true);
  expect((await cli('unpause', 'node-1')).stdout).toMatch(/^node-1 unpaused in /);
  expect((await cli('stop', 'node-1')).stdout).toMatch(/^node-1 stopped in /);
  expect((await cli('restart', 'node-2')).stdout).toMatch(/^node-2 restarted in /);
  const killed = await cli('kill', '-s', 'term', 'broker', '--json');
  expect(JSON.parse(killed.stdout)).toMatchObject({ schema: 'cluster-chat/kill@1', name: 'broker', signal: 'SIGTERM' });
  remember();
});

test('rollout restarts every node in turn and nothing else', async () => {
  await upDetached();
  const before = remember();
  const { code, stdout, stderr } = await cli('rollout');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = [
    /^node-1 restarted in \S+s \(1 of 2\)$/,
    /^node-2 restarted in \S+s \(2 of 2\)$/,
    /^all nodes restarted/,
  ];
  expect(stdout.trimEnd().split('\n')).toEqual(lines.map((line) => expect.stringMatching(line)));
  expect((await answering()).map(({ name, state, restarts }) => `${name} ${state} ${restarts}`).sort()).toEqual([
    'balancer up 0',
    'broker up 0',
    'node-1 up 1',
    'node-2 up 1',
  ]);
  const pids = new Set(before.map(({ pid }) => pid));
  expect(remember().filter(({ pid }) => !pids.has(pid))).toHaveLength(2);
  const again = await cli('rollout', '--json');
  const took = expect.any(Number);
  expect(JSON.parse(again.stdout)).toEqual({
    ...{ schema: 'cluster-chat/rollout@1', project: 'default', tookMs: took },
    nodes: ['node-1', 'node-2'].map((name) => ({ name, outcome: 'restarted', tookMs: took })),
  });
  remember();
});

test('rollout stops at the first node that does not come back, says why, and leaves the others alone', async () => {
  process.env['STAND_IN_NODE_2'] = 'dies when told';
  await upDetached('-n', '3');
  delete process.env['STAND_IN_NODE_2'];
  writeFileSync(join(cwd, 'die'), '');
  const { code, stdout, stderr } = await cli('rollout', '--json');
  remember();
  expect(code).toBe(4);
  expect(stderr).toContain('error: the rollout stopped at node-2: node-2 ended while starting: exit code 7');
  expect(stderr).toContain('line 40');
  expect(stderr).toContain('not restarted: node-3');
  expect(JSON.parse(stdout).nodes).toMatchObject([
    { name: 'node-1', outcome: 'restarted', tookMs: expect.any(Number) },
    { name: 'node-2', outcome: 'failed', tookMs: null },
    { name: 'node-3', outcome: 'untouched', tookMs: null },
  ]);
  expect(await statusOf('node-3')).toMatchObject({ state: 'up', restarts: 0 });
});

test('rollout begins nothing while a node is away', async () => {
  await upDetached();
  await cli('kill', 'node-2');
  const { code, stdout, stderr } = await cli('rollout');
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toMatch(/^error: node-2 is down, so no other node may be taken away\n/);
  expect(stderr).toContain('cluster-chat restart node-2');
  expect(await statusOf('node-1')).toMatchObject({ state: 'up', restarts: 0 });
});

test('rollout begins nothing while a node is without its broker', async () => {
  process.env['STAND_IN_NODE_2'] = 'without its broker';
  await upDetached();
  delete process.env['STAND_IN_NODE_2'];
  const { code, stdout, stderr } = await cli('rollout');
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toMatch(/^error: node-2 is (not ready|hung), so no other node may be taken away\n/);
  expect(await statusOf('node-1')).toMatchObject({ state: 'up', restarts: 0 });
});

test('a name that no process has is a usage error that lists those that exist', async () => {
  await upDetached();
  expect(await cli('kill', 'node-9')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'error: no process is called node-9\n  There are: broker, balancer, node-1, node-2\n',
  });
});

test.each(['ps', 'down', 'logs', 'rollout'])('%s without a cluster ends with 4 and the cure', async (verb) => {
  const { code, stderr } = await cli(verb);
  expect(code).toBe(4);
  expect(stderr).toContain('no cluster of the project "default" is running here');
  expect(stderr).toContain('cluster-chat up -d');
});

test('a second cluster of a project is refused, one of another project runs beside it', async () => {
  await upDetached();
  const { code, stderr } = await cli('up', '--port', '0');
  expect(code).toBe(4);
  expect(stderr).toContain('cluster-chat down');
  expect(await cli('up', '-d', '-n', '1', '--port', '0', '-p', 'other', '--balancer', 'none')).toMatchObject({
    code: 0,
  });
  expect(await cli('down', '-p', 'other')).toMatchObject({ code: 0 });
});

test('after kill -9 of the supervisor all its children end, ps says that there is no cluster, and down cleans', async () => {
  await upDetached();
  await cli('pause', 'node-1');
  const [supervisor, ...children] = remember();
  if (supervisor === undefined) throw new Error('there is no supervisor');
  signalProcess(supervisor, 'SIGKILL');
  expect(await waitUntil(() => !children.some(isAlive), observe)).toBe(true);
  expect((await cli('ps')).code).toBe(4);
  expect(await cli('down')).toMatchObject({
    code: 0,
    stdout: 'cleaned up after a cluster that was killed (0 processes ended)\n',
  });
});

test('the next up cleans up after a killed supervisor and says so', async () => {
  await upDetached();
  const [supervisor, ...children] = remember();
  if (supervisor === undefined) throw new Error('there is no supervisor');
  signalProcess(supervisor, 'SIGKILL');
  expect(await waitUntil(() => !isAlive(supervisor), observe)).toBe(true);
  const { code, stdout } = await upDetached();
  expect(code).toBe(0);
  expect(stdout).toMatch(/^cleaned up after a cluster that was killed/);
  expect(children.filter(isAlive)).toEqual([]);
});

test('up in the foreground prints events and ends with 0 after the first signal', async () => {
  const { child, said, ended } = start('up', '--port', '0', '-n', '1');
  expect(await waitUntil(() => said.stdout.includes('Try next'), observe)).toBe(true);
  remember();
  await cli('kill', 'node-1');
  expect(await waitUntil(() => /\d\.\ds {2}node-1 ended \(SIGKILL\)$/m.test(said.stdout), observe)).toBe(true);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
  expect(seen).toHaveLength(4);
});

test('up goes on, and says so, when the list of its processes cannot be written', async () => {
  const { child, said, ended } = start('up', '--port', '0', '-n', '1');
  expect(await waitUntil(() => said.stdout.includes('Try next'), observe)).toBe(true);
  const node = remember().find((one) => 'name' in one && one.name === 'node-1');
  const place = placeOf(cwd, 'default');
  renameSync(place.folder, `${place.folder}-aside`);
  writeFileSync(place.folder, '');
  if (node !== undefined) signalProcess(node, 'SIGKILL');
  const warning = 'warning: other commands may not know of all processes, their list cannot be written (';
  expect(await waitUntil(() => said.stderr.startsWith(warning), observe)).toBe(true);
  rmSync(place.folder);
  renameSync(`${place.folder}-aside`, place.folder);
  expect((await cli('start', 'node-1')).code).toBe(0);
  remember();
  child.kill('SIGINT');
  expect((await ended).code).toBe(0);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('a second %s does not wait for a node that will not end, and up ends with %i', async (signal, expected) => {
  process.env['STAND_IN_NODE_1'] = 'deaf';
  const { child, said, ended } = start('up', '--port', '0', '-n', '1');
  delete process.env['STAND_IN_NODE_1'];
  expect(await waitUntil(() => said.stdout.includes('Try next'), observe)).toBe(true);
  remember();
  child.kill(signal);
  expect(await waitUntil(() => said.stdout.includes('going down'), observe)).toBe(true);
  child.kill(signal);
  expect((await ended).code).toBe(expected);
});

test.each([
  ['the foreground', []],
  ['the background', ['-d']],
])('a node that fails to start in %s is the failure of up, with its last words', async (_, detach) => {
  process.env['STAND_IN_NODE_2'] = 'dies';
  const { ended } = start('up', '--port', '0', ...detach);
  delete process.env['STAND_IN_NODE_2'];
  const { code, stderr } = await ended;
  expect(code).toBe(4);
  expect(stderr).toContain('error: node-2 ended while starting: exit code 7');
  expect(stderr).toContain('line 40');
  expect(readState(placeOf(cwd, 'default'))).toBeUndefined();
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while the nodes still start takes all of them down and ends with %i', async (signal, expected) => {
  process.env['STAND_IN_NODE_1'] = 'silent';
  const { child, ended } = start('up', '--port', '0', '-n', '1');
  delete process.env['STAND_IN_NODE_1'];
  expect(await waitUntil(() => remember().some((one) => 'name' in one && one.name === 'node-1'), observe)).toBe(true);
  child.kill(signal);
  expect(await ended).toMatchObject({ code: expected, stderr: '' });
});

test('a port that was named and is taken is refused with its owner', async () => {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const { code, stderr } = await cli('up', '--port', String(port), '-n', '1');
  server.close();
  expect(code).toBe(4);
  expect(stderr).toContain(`port ${port} is taken by the process with pid ${process.pid}`);
});

test('logs prints the output of all, of one, and goes on with what comes', async () => {
  await upDetached();
  expect((await cli('logs', 'node-1')).stdout).toMatch(/^node-1 {3}\| node-1 speaks before it is ready$/m);
  expect((await cli('logs', '--tail', '1')).stdout.trimEnd().split('\n')).toHaveLength(1);
  const { child, said, ended } = start('logs', '-f', 'node-2');
  const times = (): number => said.stdout.split('speaks before').length - 1;
  expect(await waitUntil(() => times() === 1, observe)).toBe(true);
  await cli('restart', 'node-2');
  remember();
  expect(await waitUntil(() => times() === 2, observe)).toBe(true);
  child.kill('SIGINT');
  expect((await ended).code).toBe(0);
});

test.each([[[]], [['node-2']]])('logs -f %j goes on when the cluster is started anew', async (names) => {
  await upDetached();
  const { child, said, ended } = start('logs', '-f', ...names);
  const times = (): number => said.stdout.split('node-2 speaks before').length - 1;
  expect(await waitUntil(() => times() === 1, observe)).toBe(true);
  await cli('down');
  await upDetached();
  expect(await waitUntil(() => times() === 2 || child.exitCode !== null, observe)).toBe(true);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 0, stderr: '' });
});
