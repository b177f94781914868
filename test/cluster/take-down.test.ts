import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { identify, isAlive, type ProcessIdentity } from '../../src/cluster/pid.js';
import { placeOf } from '../../src/cluster/project.js';
import { type ClusterState, readState, writeState } from '../../src/cluster/state-file.js';
import { takeDown } from '../../src/cluster/take-down.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'cluster-chat-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

/** A process that ends when it is told to; ended with the test. */
function startProcess(): ProcessIdentity {
  const process: ChildProcess = spawn('sleep', ['1000'], { stdio: 'ignore' });
  onTestFinished(() => void process.kill('SIGKILL'));
  const identity = identify(process.pid ?? 0);
  if (identity === undefined) throw new Error('sleep did not start');
  return identity;
}

function stateOf(supervisor: ProcessIdentity, child: ProcessIdentity): ClusterState {
  const processes = [{ ...child, name: 'node-1' }];
  return { schema: 'cluster-chat/state@1', project: 'default', phase: 'ready', supervisor, processes, control: null };
}

test('what a supervisor leaves behind is ended with it', async () => {
  const [supervisor, child] = [startProcess(), startProcess()];
  writeState(placeOf(cwd, 'default'), stateOf(supervisor, child));
  expect(await takeDown(cwd, 'default')).toEqual({ wasRunning: true, killed: 1 });
  expect([supervisor, child].filter(isAlive)).toEqual([]);
  expect(readState(placeOf(cwd, 'default'))).toBeUndefined();
});

test('a cluster that took the project while another went down stays', async () => {
  const place = placeOf(cwd, 'default');
  const [supervisor, next, child] = [startProcess(), startProcess(), startProcess()];
  writeState(place, stateOf(supervisor, child));
  const taking = takeDown(cwd, 'default');
  writeState(place, stateOf(next, child));
  expect(await taking).toEqual({ wasRunning: true, killed: 0 });
  expect([supervisor, next, child].map(isAlive)).toEqual([false, true, true]);
  expect(readState(place)).toEqual(stateOf(next, child));
});
