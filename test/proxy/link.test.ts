import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { connectTo } from '../../src/proxy/connect.js';
import { Link, type LinkOptions } from '../../src/proxy/link.js';
import { connectClient, openTcpOrigin, readAll, readSome } from './origin.js';

/** client ~ near [Link] far ~ server, all real sockets. */
async function openLink(options: LinkOptions = {}) {
  const front = await openTcpOrigin('front');
  const back = await openTcpOrigin('back');
  const client = await connectClient(front.port);
  const near = await front.accept();
  const outcome = await connectTo(back, { timeoutMs: 30_000 });
  if (outcome.type !== 'connected') throw new Error(outcome.reason);
  const server = await back.accept();
  const state = { closed: 0 };
  const link = new Link(near, outcome.socket, { ...options, onClosed: () => (state.closed += 1) });
  return { client, near, far: outcome.socket, server, link, state };
}

async function pingPong(client: Socket, server: Socket): Promise<void> {
  client.write('ping');
  expect(await readSome(server)).toBe('ping');
  server.write('pong');
  expect(await readSome(client)).toBe('pong');
}

test('bytes pass in both directions and a clean end of both closes the link once', async () => {
  const { client, server, state } = await openLink();
  await pingPong(client, server);
  client.end();
  server.end();
  await Promise.all([readAll(client), readAll(server)]);
  expect(await waitUntil(() => state.closed === 1, { timeoutMs: 30_000 })).toBe(true);
});

test('half-close: after the client has ended, the backend can still answer', async () => {
  const { client, server } = await openLink();
  client.end('question');
  const question = await readAll(server);
  expect(question).toEqual({ bytes: Buffer.from('question'), ending: 'end' });
  server.end('answer');
  expect(await readAll(client)).toEqual({ bytes: Buffer.from('answer'), ending: 'end' });
});

test('a client that has ended does not wait for ever for a backend that says nothing', async () => {
  const { client, server, state } = await openLink({ halfOpenMs: 50 });
  await pingPong(client, server);
  client.end();
  expect((await readAll(client)).ending).toBe('ECONNRESET');
  expect(await waitUntil(() => state.closed === 1, { timeoutMs: 30_000 })).toBe(true);
});

test.each(['client', 'server'] as const)('a reset by the %s reaches the other side as a reset', async (who) => {
  const { client, server, state } = await openLink();
  await pingPong(client, server);
  const [resetting, other] = who === 'client' ? [client, server] : [server, client];
  const seen = readAll(other);
  resetting.resetAndDestroy();
  expect((await seen).ending).toBe('ECONNRESET');
  expect(await waitUntil(() => state.closed === 1, { timeoutMs: 30_000 })).toBe(true);
});

test('a socket that is destroyed inside the balancer resets its peer', async () => {
  const { client, server, far } = await openLink();
  await pingPong(client, server);
  const seen = readAll(client);
  far.destroy();
  expect((await seen).ending).toBe('ECONNRESET');
});

test('reset() resets both sides', async () => {
  const { client, server, link } = await openLink();
  await pingPong(client, server);
  const both = Promise.all([readAll(client), readAll(server)]);
  link.reset();
  expect((await both).map((side) => side.ending)).toEqual(['ECONNRESET', 'ECONNRESET']);
});

test('bytes that were received before a reset are delivered before the reset is passed on', async () => {
  const { client, near, far, server, state } = await openLink();
  client.pause();
  const sent = randomBytes(32 * 1024 * 1024);
  server.write(sent);
  await waitUntil(() => near.writableNeedDrain, { timeoutMs: 30_000 });
  // Everything read from the backend so far is either in the client's kernel or waiting in the link.
  server.resetAndDestroy();
  far.destroy();
  const receivedBytes = far.bytesRead;
  const { bytes } = await readAll(client);
  expect(receivedBytes).toBeGreaterThan(64 * 1024);
  expect(bytes.equals(sent.subarray(0, bytes.length))).toBe(true);
  expect(await waitUntil(() => state.closed === 1, { timeoutMs: 30_000 })).toBe(true);
  expect(near.bytesWritten).toBe(receivedBytes);
});

test('a peer that reads nothing delays a reset by a bounded time only', async () => {
  const { client, near, server, link, state } = await openLink();
  client.pause();
  server.write(randomBytes(32 * 1024 * 1024));
  await waitUntil(() => near.writableNeedDrain, { timeoutMs: 30_000 });
  link.reset();
  expect(await waitUntil(() => state.closed === 1, { timeoutMs: 20_000 })).toBe(true);
});

test.each(['up', 'down'] as const)(
  'a slow reader (%s) holds the writer back and gets every byte',
  async (direction) => {
    const { client, near, far, server } = await openLink();
    const [writer, reader, out] = direction === 'up' ? [client, server, far] : [server, client, near];
    reader.pause();
    const sent = randomBytes(24 * 1024 * 1024);
    writer.end(sent);
    await waitUntil(() => out.writableNeedDrain, { timeoutMs: 30_000 });
    let mostBytes = 0;
    const received = createHash('sha256');
    let receivedBytes = 0;
    reader.on('data', (chunk: Buffer) => {
      received.update(chunk);
      receivedBytes += chunk.length;
      mostBytes = Math.max(
        mostBytes,
        near.writableLength + near.readableLength + far.writableLength + far.readableLength,
      );
      // Reads on in the next round of the loop, so that the link has to wait again and again.
      reader.pause();
      setImmediate(() => reader.resume());
    });
    reader.resume();
    await once(reader, 'end');
    expect(receivedBytes).toBe(sent.length);
    expect(received.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'));
    expect(mostBytes).toBeGreaterThan(0);
    expect(mostBytes).toBeLessThan(512 * 1024);
  },
);

test('large transfers in both directions at once arrive whole', async () => {
  const { client, server } = await openLink();
  const up = randomBytes(8 * 1024 * 1024);
  const down = randomBytes(8 * 1024 * 1024);
  const both = Promise.all([readAll(client), readAll(server)]);
  client.end(up);
  server.end(down);
  const [atClient, atServer] = await both;
  expect(atClient.bytes.equals(down)).toBe(true);
  expect(atServer.bytes.equals(up)).toBe(true);
});
