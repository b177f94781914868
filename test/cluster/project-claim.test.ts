import { spawn } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify, isAlive, ownIdentity } from '../../src/cluster/pid.js';
import { type ProjectPlace, placeOf } from '../../src/cluster/project.js';
import { ProjectClaim } from '../../src/cluster/project-claim.js';
import { type ClusterState, readState, writeState } from '../../src/cluster/state-file.js';

let cwd: string;
let place: ProjectPlace;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
  place = placeOf(cwd, 'default');
});
afterEach(() => rmSync(cwd, { recursive: true }));

function staleState(processes: ClusterState['processes']): ClusterState {
  return {
    schema: 'cluster-chat/state@1',
    project: 'default',
    phase: 'ready',
    // The right pid, but of a process that started at another time.
    supervisor: { pid: process.pid, startTime: 'long ago' },
    processes,
    control: { url: 'http://127.0.0.1:1', token: 'x' },
  };
}

test('only one of two claims at once gets the project', async () => {
  const claims = await Promise.allSettled([ProjectClaim.take(place), ProjectClaim.take(place)]);
  expect(claims.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = claims.find(({ status }) => status === 'rejected');
  expect(refused).toHaveProperty('reason.code', 'cluster-exists');
});

test('the state file is for its owner alone', async () => {
  await ProjectClaim.take(place);
  expect(statSync(place.stateFile).mode & 0o777).toBe(0o600);
  expect(statSync(place.folder).mode & 0o777).toBe(0o700);
});

test('a claim follows what starts and ends, and nothing is left after its release', async () => {
  const claim = await ProjectClaim.take(place);
  const own = ownIdentity();
  claim.note({ type: 'process-started', name: 'node-1', atMicros: 0, pid: own.pid });
  expect(readState(place)?.processes).toEqual([{ ...own, name: 'node-1' }]);
  // A crash is told only after its last words, when it may have been started again.
  const exit = { name: 'node-1', atMicros: 0, code: 1, signal: null };
  claim.note({ type: 'process-crashed', ...exit, pid: own.pid + 1, lastLines: [] });
  expect(readState(place)?.processes).toEqual([{ ...own, name: 'node-1' }]);
  claim.note({ type: 'process-exited', ...exit, pid: own.pid });
  expect(readState(place)?.processes).toEqual([]);
  claim.release();
  expect(readState(place)).toBeUndefined();
});

test('a list of processes that cannot be written is told once, ends nothing, and is written with the next change', async () => {
  const claim = await ProjectClaim.take(place);
  const failures: Error[] = [];
  claim.onFailure((error) => failures.push(error));
  const own = ownIdentity();
  renameSync(place.folder, `${place.folder}-aside`);
  writeFileSync(place.folder, '');
  claim.note({ type: 'process-started', name: 'node-1', atMicros: 0, pid: own.pid });
  claim.note({ type: 'process-started', name: 'node-2', atMicros: 0, pid: own.pid });
  expect(failures).toHaveLength(1);
  rmSync(place.folder);
  renameSync(`${place.folder}-aside`, place.folder);
  claim.note({ type: 'process-started', name: 'node-3', atMicros: 0, pid: own.pid });
  expect(readState(place)?.processes.map(({ name }) => name)).toEqual(['node-1', 'node-2', 'node-3']);
});

test('the children of a killed supervisor are ended, and a stranger with the pid of one is spared', async () => {
  const stray = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const stranger = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const strayIdentity = identify(stray.pid ?? 0);
  const strangerIdentity = identify(stranger.pid ?? 0);
  if (strayIdentity === undefined || strangerIdentity === undefined) throw new Error('sleep did not start');
  const wrong = { pid: strangerIdentity.pid, startTime: 'long ago', name: 'node-2' };
  writeState(place, staleState([{ ...strayIdentity, name: 'node-1' }, wrong]));
  const claim = await ProjectClaim.take(place);
  expect(claim.cleaned).toBe(1);
  expect(isAlive(strayIdentity)).toBe(false);
  expect(isAlive(strangerIdentity)).toBe(true);
  stranger.kill('SIGKILL');
});

test('a state file that is no state is replaced, and one with a pid of 0 ends nobody', async () => {
  writeState(place, staleState([{ pid: 0, startTime: 'x', name: 'node-1' }]));
  expect(readState(place)).toBeUndefined();
  writeFileSync(place.stateFile, '{');
  expect((await ProjectClaim.take(place)).cleaned).toBeUndefined();
});

test.each(['', '..', 'a/b', 'Upper', 'x'.repeat(65)])('"%s" is no name for a project', (name) => {
  expect(() => placeOf(cwd, name)).toThrow(/is no name for a project/);
});
