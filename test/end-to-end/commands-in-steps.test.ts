import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCluster } from '../../src/cluster/open-cluster.js';
import { Place } from './place.js';

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.remove());

function write(steps: readonly object[], more: Readonly<Record<string, unknown>> = {}): void {
  const scenario = {
    ...{ version: 1, name: 'commands', duration: '3s', contract: 'at-least-once' },
    clients: [
      {
        ...{ name: 'a', count: 6, rooms: 1, subscribe: '/topic/m', recover: true },
        send: { to: '/topic/m', every: '250ms', receipt: true },
        reconnect: { profile: 'full-jitter', min: '50ms', max: '500ms' },
      },
    ],
    steps,
    ...more,
  };
  writeFileSync(join(place.cwd, 's.json'), JSON.stringify(scenario));
}

/** Adds a line to a file of the place. */
function append(file: string, line: string): string[] {
  const script = 'require("fs").appendFileSync(process.argv[1], process.argv[2] + "\\n")';
  return [process.execPath, '-e', script, join(place.cwd, file), line];
}

function lines(file: string): string[] {
  const path = join(place.cwd, file);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

test('a command of a scenario runs only for those who allow it', async () => {
  write([{ at: '1s', exec: append('done', 'done') }]);
  const { code, stderr } = await place.run('run', 's.json');
  expect(code).toBe(2);
  expect(stderr).toContain('The scenario runs commands of its own (exec in its steps).');
  expect(stderr).toContain('--allow-exec');
  expect(lines('done')).toEqual([]);
});

test('a command is undone once: after its time, or at the end of the load', async () => {
  write([
    { at: '500ms', exec: append('timed', 'done'), undo: append('timed', 'undone'), for: '500ms' },
    { at: '500ms', exec: append('open', 'done'), undo: append('open', 'undone') },
  ]);
  const { code } = await place.run('run', 's.json', '--allow-exec', '--out', 'out');
  expect(code).toBe(0);
  expect(lines('timed')).toEqual(['done', 'undone']);
  expect(lines('open')).toEqual(['done', 'undone']);
  const { faults } = place.result('out');
  expect(faults.map(({ type, node, observed }) => [type, node, observed])).toEqual([
    ['exec', 'command', true],
    ['exec', 'command', true],
    ['heal-exec', 'command', true],
  ]);
  await place.expectNothingLeft();
});

test('a command that fails is a fault that did not happen, and is undone all the same', async () => {
  write([{ at: '500ms', exec: [process.execPath, '-e', 'process.exit(3)'], undo: append('undone', 'undone') }]);
  const { stdout } = await place.run('run', 's.json', '--allow-exec', '--out', 'out', '--reporter', 'plain');
  expect(stdout).toContain('ended with exit code 3');
  expect(place.result('out')).toMatchObject({ verdict: 'inconclusive', faults: [{ type: 'exec', observed: false }] });
  expect(lines('undone')).toEqual(['undone']);
});

test('a command is undone when somebody ends the run at once', async () => {
  write([{ at: '200ms', exec: append('open', 'done'), undo: append('open', 'undone') }], { duration: '60s' });
  const started = place.start(['run', 's.json', '--allow-exec', '--out', 'out']);
  await place.until(() => lines('open').length === 1);
  started.child.kill('SIGTERM');
  started.child.kill('SIGINT');
  await started.ended;
  expect(lines('open')).toEqual(['done', 'undone']);
  await place.expectNothingLeft();
});

test('a command may kill a node of a target, and what is lost there counts to it', async () => {
  const cluster = await openCluster(
    { nodes: 2, brokerKind: 'embedded', balancerKind: 'none', policy: 'round-robin', port: 0 },
    { env: process.env },
  );
  try {
    const pid = cluster.lastStatus.find(({ name }) => name === 'node-2')?.pid ?? 0;
    const kill = [process.execPath, '-e', `process.kill(${pid}, "SIGKILL")`];
    const target = { urls: cluster.nodes.map(({ url }) => url) };
    write([{ at: '1s', exec: kill, node: 'node-2', effect: 'kills' }], { target, contract: 'custom' });
    await place.run('run', 's.json', '--allow-exec', '--out', 'out');
    const { faults, delivery } = place.result('out');
    expect(faults).toMatchObject([{ type: 'exec', node: 'node-2', observed: true, droppedClients: 3 }]);
    expect(delivery.unexplained).toBe(0);
    expect(faults[0]?.missing).toBe(delivery.missing);
  } finally {
    await cluster.close();
  }
});
