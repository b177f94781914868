import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { MemoryBroker } from '../../src/broker/memory-broker.js';
import { Admission } from '../../src/server/admission.js';
import { CoreServer } from '../../src/server/core-server.js';
import { defaultServerLimits } from '../../src/server/limits.js';
import { TcpTransport } from '../../src/server/tcp-transport.js';
import type { Transport, TransportEvents } from '../../src/server/transport.js';
import { RawClient } from './raw-client.js';

test('limit 11: one address has a bounded number of connections, this machine’s own has not', () => {
  const admission = new Admission({ ...defaultServerLimits, maxConnectionsPerAddress: 2 });
  expect(admission.admit('192.0.2.1')).toBeUndefined();
  expect(admission.admit('192.0.2.1')).toBeUndefined();
  expect(admission.admit('192.0.2.1')).toContain('2 connections');
  expect(admission.admit('192.0.2.2')).toBeUndefined();
  admission.release('192.0.2.1');
  expect(admission.admit('192.0.2.1')).toBeUndefined();
  for (let i = 0; i < 10; i++) expect(admission.admit(i % 2 === 0 ? '127.0.0.1' : '::ffff:127.0.0.1')).toBeUndefined();
});

/** A connection of this machine that says it comes from elsewhere. */
class StrangerTransport implements Transport {
  readonly kind = 'tcp';
  readonly remoteAddress = '192.0.2.1';
  pauses = 0;
  readonly #inner: Transport & { listen(events: TransportEvents): void };

  constructor(inner: TcpTransport) {
    this.#inner = inner;
  }

  get unsentBytes(): number {
    return this.#inner.unsentBytes;
  }

  get sentBytes(): number {
    return this.#inner.sentBytes;
  }

  listen(events: TransportEvents): void {
    this.#inner.listen(events);
  }

  write(frames: Parameters<Transport['write']>[0]): void {
    this.#inner.write(frames);
  }

  close(code: number, reason: string): void {
    this.#inner.close(code, reason);
  }

  destroy(): void {
    this.#inner.destroy();
  }

  pause(): void {
    this.pauses++;
    this.#inner.pause();
  }

  resume(): void {
    this.#inner.resume();
  }
}

test('limit 12: a stranger that sends faster than allowed is not read for a while, and loses nothing', async () => {
  const limits = { ...defaultServerLimits, maxFramesPerSecond: 20 };
  await using core = await CoreServer.open({
    name: 'node-1',
    version: '0.0.0',
    limits,
    trustsMessageIds: false,
    credential: undefined,
    openBroker: async (events) => new MemoryBroker('simple', events, { history: undefined }),
  });
  const transports: StrangerTransport[] = [];
  const server = createServer((socket) => {
    const transport = new StrangerTransport(new TcpTransport(socket, limits.closeTimeoutMs));
    transports.push(transport);
    transport.listen(core.sessions.open(transport));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = await RawClient.overTcp((server.address() as AddressInfo).port);
  await client.connect();
  await client.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
  for (let i = 0; i < 50; i++) client.send('SEND', { destination: '/topic/a' }, `${i}`);
  expect(await client.bodies(50)).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`));
  expect(transports[0]?.pauses).toBeGreaterThan(0);
  await client[Symbol.asyncDispose]();
  server.close();
});
