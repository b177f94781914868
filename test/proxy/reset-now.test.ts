import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resetSocket } from '../../src/proxy/link.js';
import { resetNow } from '../../src/proxy/reset-now.js';

const server = createServer({ allowHalfOpen: true });
let here: Socket;
let there: Socket;
beforeEach(async () => {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  const accepted = once(server, 'connection');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens on a port');
  here = connect({ port: address.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(here, 'connect');
  [there] = (await accepted) as [Socket];
  for (const socket of [here, there]) socket.on('error', () => undefined);
});
afterEach(() => {
  for (const socket of [here, there]) socket.destroy();
  server.close();
});

const resets = [
  ['at once', resetNow],
  ['after what was written', resetSocket],
] as const;

test.each(resets)(
  'a connection that is reset %s while its end is being sent is closed, and its peer hears the end',
  async (_, reset) => {
    const closed = once(here, 'close');
    const ended = once(there, 'end');
    there.resume();
    here.end();
    reset(here);
    await closed;
    await ended;
  },
);

test.each(resets)('one that is reset %s is closed on both sides, and once more does nothing', async (_, reset) => {
  const closed = Promise.all([once(here, 'close'), new Promise((resolve) => there.once('close', resolve))]);
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => there.once('error', resolve));
  there.resume();
  reset(here);
  reset(here);
  expect((await failed).code).toBe('ECONNRESET');
  await closed;
  reset(here);
});
