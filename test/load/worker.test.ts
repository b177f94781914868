import { afterEach, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { waitUntil } from '../../src/core/clock.js';
import { type FromWorker, protocolVersion, type ToWorker, type WorkerChannel } from '../../src/load/protocol.js';
import { runWorker } from '../../src/load/worker.js';
import { openBadServer } from '../client/misbehaving-server.js';
import { standStill } from '../services/stand-still.js';
import { groupOf, specOf } from './spec.js';

/** The runner's end of a worker in this process. */
class ScriptedRunner implements WorkerChannel {
  /** How many clients were connected, as the worker told it. */
  readonly connected: number[] = [];
  isPrepared = false;
  tell: (message: ToWorker) => void = () => undefined;
  leave: () => void = () => undefined;

  send(message: FromWorker): void {
    if (message.type === 'done' && message.phase === 'prepare') this.isPrepared = true;
    if (message.type === 'progress') this.connected.push(message.progress.connected);
  }

  onMessage(listener: (message: ToWorker) => void): void {
    this.tell = listener;
  }

  onClosed(listener: () => void): void {
    this.leave = listener;
  }
}

const runner = new ScriptedRunner();
let work: Promise<void> | undefined;
afterEach(async () => {
  runner.leave();
  await work;
});

test('a worker that stood still says who is connected only after it has read what came meanwhile', async () => {
  const peers: WebSocket[] = [];
  await using server = await openBadServer((peer) => {
    peers.push(peer);
    peer.once('message', () => peer.send('CONNECTED\nversion:1.2\n\n\0'));
  });
  work = runWorker(runner);
  const groups = [groupOf({ count: 5, reconnect: { ...groupOf().reconnect, profile: 'sockjs-none' } })];
  const spec = specOf({ groups, nodes: [{ name: 'node-1', url: server.url }] });
  runner.tell({ type: 'prepare', version: protocolVersion, worker: 0, workers: 1, spec });
  expect(await waitUntil(() => runner.isPrepared, { timeoutMs: 30_000 })).toBe(true);
  runner.tell({ type: 'connect', ratePerSecond: 500 });
  expect(await waitUntil(() => runner.connected.at(-1) === 5, { timeoutMs: 30_000 })).toBe(true);
  const before = runner.connected.length;
  for (const peer of peers) peer.terminate();
  standStill(1_000);
  expect(await waitUntil(() => runner.connected.length > before, { timeoutMs: 30_000 })).toBe(true);
  expect(runner.connected[before]).toBe(0);
});
