import { connect as connectTcp } from 'node:net';
import { expect, test } from 'vitest';
import { systemCodeOf } from '../../src/core/errors.js';
import { expectPasses, openPassage } from './open-passage.js';
import { connectClient, readAll } from './origin.js';

/** How a connection ends that nobody lets through; the reset may come before or after it is seen as connected. */
function endingOf(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1').resume();
    let code: string | undefined;
    socket.on('error', (error) => {
      code = systemCodeOf(error);
    });
    socket.on('close', () => resolve(code));
  });
}

test('bytes pass unchanged in both directions until the cut', async () => {
  const { connect } = await openPassage();
  await expectPasses(await connect());
});

test('a cut resets every connection on both sides and counts them', async () => {
  const { passage, connect } = await openPassage();
  const pairs = [await connect(), await connect()];
  for (const pair of pairs) await expectPasses(pair);
  const endings = pairs.flatMap(({ client, server }) => [readAll(client), readAll(server)]);
  expect(await passage.cut()).toBe(2);
  for (const { ending } of await Promise.all(endings)) expect(ending).toBe('ECONNRESET');
  expect(await passage.cut()).toBe(0);
});

test('a reset ends every connection on both sides, and the next one comes through', async () => {
  const { passage, connect } = await openPassage();
  const { client, server } = await connect();
  await expectPasses({ client, server });
  const endings = [readAll(client), readAll(server)];
  expect(await passage.reset()).toBe(1);
  for (const { ending } of await Promise.all(endings)) expect(ending).toBe('ECONNRESET');
  await expectPasses(await connect());
});

test('while it is cut no connection comes through, and after it is mended each does', async () => {
  const { origin, passage, connect } = await openPassage();
  await passage.cut();
  expect(await endingOf(passage.port)).toBe('ECONNRESET');
  expect(origin.sockets).toEqual([]);
  passage.mend();
  await expectPasses(await connect());
});

test('a connection to a target that refuses is reset', async () => {
  const { origin, passage } = await openPassage();
  await origin.close();
  expect(await endingOf(passage.port)).toBe('ECONNRESET');
});

test('closing it leaves no connection and no port behind', async () => {
  const { passage, connect } = await openPassage();
  const { client, server } = await connect();
  await expectPasses({ client, server });
  const endings = [readAll(client), readAll(server)];
  await passage[Symbol.asyncDispose]();
  for (const { ending } of await Promise.all(endings)) expect(ending).toBe('ECONNRESET');
  await expect(connectClient(passage.port)).rejects.toThrow('ECONNREFUSED');
});
