import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { setDeadline, sleep, waitUntil } from '../../src/core/clock.js';
import { standStill } from '../services/stand-still.js';

/** Something that comes from outside while this process stands still: it waits in the kernel until that goes on. */
async function somethingFromOutside(): Promise<{ hasCome: () => boolean; send: () => Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [[far]] = await Promise.all([once(server, 'connection'), once(near, 'connect')]);
  onTestFinished(() => {
    near.destroy();
    far.destroy();
  });
  let hasCome = false;
  near.on('data', () => {
    hasCome = true;
  });
  return { hasCome: () => hasCome, send: () => new Promise((resolve) => far.write('x', () => resolve())) };
}

test('waiting ends with what happened while this process stood still, though the time is over', async () => {
  const { hasCome, send } = await somethingFromOutside();
  const waiting = waitUntil(hasCome, { timeoutMs: 50 });
  void send();
  standStill(100);
  expect(await waiting).toBe(true);
});

test('waiting ends without it when the time is over and nothing came', async () => {
  expect(await waitUntil(() => false, { timeoutMs: 20 })).toBe(false);
});

test('a deadline acts when its time is over, and never after it was called off', async () => {
  const acted: string[] = [];
  await new Promise<void>((resolve) => setDeadline(20, resolve));
  const callOff = setDeadline(20, () => acted.push('called off'));
  callOff();
  await new Promise<void>((resolve) => setDeadline(60, resolve));
  expect(acted).toEqual([]);
});

test('a deadline is not over because this process stood still: whoever is waited for has the whole time after it', async () => {
  const { hasCome, send } = await somethingFromOutside();
  let wasTooLate = false;
  const callOff = setDeadline(500, () => {
    wasTooLate = !hasCome();
  });
  standStill(800);
  // It was not asked before: there was nobody to ask.
  await sleep(1);
  await send();
  expect(await waitUntil(hasCome, { timeoutMs: 30_000 })).toBe(true);
  callOff();
  expect(wasTooLate).toBe(false);
});
