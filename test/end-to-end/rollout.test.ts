import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { sleep } from '../../src/core/clock.js';
import type { ProcessStatus } from '../../src/record/snapshot.js';
import { requireService } from '../services/require-service.js';
import { Place } from './place.js';

let place: Place;
let sockets: WebSocket[];
beforeEach(() => {
  place = new Place();
  sockets = [];
});
afterEach(() => {
  for (const socket of sockets) socket.terminate();
  place.remove();
});

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, ['v12.stomp']);
  sockets.push(socket);
  await once(socket, 'open');
  socket.on('error', () => undefined);
  return socket;
}

/** Comes through the door again and again, until it is told to stop. @returns what went wrong */
async function keepComing(url: string, ended: AbortSignal): Promise<{ tries: number; refused: string[] }> {
  const refused: string[] = [];
  let tries = 0;
  while (!ended.aborted) {
    tries++;
    const socket = await connect(url).catch((error: Error) => void refused.push(error.message));
    socket?.terminate();
    // A pace, so that the test does not take the machine from those whom it watches.
    await sleep(20);
  }
  return { tries, refused };
}

async function processes(): Promise<ProcessStatus[]> {
  return JSON.parse((await place.run('ps', '--json')).stdout).processes;
}

function describeDoor(kind: 'embedded' | 'haproxy' | 'nginx'): void {
  test('every node says goodbye to its clients with 1001, and nobody who comes meanwhile is refused', async () => {
    expect((await place.run('up', '-d', '-n', '3', '--port', '0', '--balancer', kind)).code).toBe(0);
    try {
      const url = (await processes()).find(({ role }) => role === 'balancer')?.url ?? '';
      const first = await Promise.all([1, 2, 3, 4, 5, 6].map(() => connect(url)));
      const goodbyes = Promise.all(first.map((socket) => once(socket, 'close').then(([code]) => code)));
      const over = new AbortController();
      const coming = keepComing(url, over.signal);
      const { code, stdout } = await place.run('rollout', '--json');
      over.abort();
      expect(code).toBe(0);
      expect(JSON.parse(stdout).nodes).toMatchObject(
        ['node-1', 'node-2', 'node-3'].map((name) => ({ name, outcome: 'restarted' })),
      );
      expect(await goodbyes).toEqual([1001, 1001, 1001, 1001, 1001, 1001]);
      const { tries, refused } = await coming;
      expect(refused).toEqual([]);
      expect(tries).toBeGreaterThan(3);
      const nodes = async () => (await processes()).filter(({ role }) => role === 'node');
      const states = async () => (await nodes()).map(({ state, restarts }) => `${state} ${restarts}`);
      await expect.poll(states).toEqual(['up 1', 'up 1', 'up 1']);
    } finally {
      expect((await place.run('down')).code).toBe(0);
    }
    await place.expectNothingLeft();
  });
}

describe('rollout behind the embedded balancer', () => describeDoor('embedded'));
describe.runIf(Boolean(requireService('haproxy', 'haproxy')))('rollout behind HAProxy', () => describeDoor('haproxy'));
describe.runIf(Boolean(requireService('nginx', 'nginx')))('rollout behind nginx', () => describeDoor('nginx'));
