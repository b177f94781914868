import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import {
  type Connection,
  type ConnectionClosed,
  type ConnectionEvents,
  type Engine,
  engineNames,
} from '../../src/client/connection.js';
import { loadEngine } from '../../src/client/engine.js';
import { nowMicros, waitUntil } from '../../src/core/clock.js';
import { messageOf } from '../../src/core/errors.js';
import { PieceProcess } from '../broker/piece-process.js';
import { openTestNode } from '../server/test-node.js';
import { standStill } from '../services/stand-still.js';
import { type BadServer, openBadServer, openSilentServer } from './misbehaving-server.js';

const connected = 'CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0';

/** Writes down what a connection tells. */
class Witness implements ConnectionEvents {
  readonly told: string[] = [];
  close: ConnectionClosed | undefined;

  connected(): void {
    this.told.push('connected');
  }
  message({ subscription, body }: { subscription: number; body: Buffer }): void {
    this.told.push(`message ${subscription} ${body.toString('latin1')}`);
  }
  receipt(id: string): void {
    this.told.push(`receipt ${id}`);
  }
  error(): void {
    this.told.push('error');
  }
  closed(close: ConnectionClosed): void {
    this.told.push('closed');
    this.close = close;
  }
  async hears(what: string): Promise<void> {
    const heard = await waitUntil(() => this.told.includes(what), { timeoutMs: 30_000 });
    if (!heard) throw new Error(`${what} was never told, but: ${this.told.join(', ')}`);
  }
}

describe.each(engineNames)('the engine %s', (name) => {
  let engine: Engine;
  let witness: Witness;
  const servers: AsyncDisposable[] = [];
  beforeEach(async () => {
    engine = await loadEngine(name);
    witness = new Witness();
  });
  afterEach(async () => {
    engine.close();
    for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
  });

  function open(url: string, more: { connectTimeoutMs?: number; heartbeatMs?: number } = {}): Connection {
    const { connectTimeoutMs = 10_000, heartbeatMs = 0 } = more;
    const heartbeat = { sendMs: heartbeatMs, wantMs: heartbeatMs };
    const common = { headers: {}, host: 'localhost', login: undefined, passcode: undefined };
    return engine.open({ url, ...common, heartbeat, connectTimeoutMs, events: witness });
  }

  async function openBad(onSocket: (socket: WebSocket) => void): Promise<BadServer> {
    const server = await openBadServer(onSocket);
    servers.push(server);
    return server;
  }

  /** Closed is told once, and nothing after it. */
  async function expectClosed(): Promise<ConnectionClosed> {
    await witness.hears('closed');
    expect(witness.told.filter((each) => each === 'closed')).toHaveLength(1);
    expect(witness.told.at(-1)).toBe('closed');
    if (witness.close === undefined) throw new Error('closed without a reason');
    return witness.close;
  }

  test('speaks with a real node from CONNECT to DISCONNECT', async () => {
    const node = await openTestNode();
    servers.push(node);
    const connection = open(node.url);
    await witness.hears('connected');
    expect(connection.isOpen).toBe(true);
    connection.subscribe(3, '/topic/a', {}, 's3');
    await witness.hears('receipt s3');
    connection.send('/topic/a', Buffer.from('one:two\nthree'), 'm1');
    await witness.hears('message 3 one:two\nthree');
    await witness.hears('receipt m1');
    connection.unsubscribe(3, 'u3');
    await witness.hears('receipt u3');
    connection.send('/topic/a', Buffer.from('unheard'), 'm2');
    await witness.hears('receipt m2');
    expect(witness.told.filter((each) => each.startsWith('message'))).toHaveLength(1);
    connection.disconnect();
    const { code, lastByteAtMicros, cause } = await expectClosed();
    expect([1000, 1005]).toContain(code);
    expect(lastByteAtMicros).toBeGreaterThan(0);
    expect(cause).toBeUndefined();
    expect(connection.isOpen).toBe(false);
    // Writing on what is closed is dropped without a word.
    connection.send('/topic/a', Buffer.from('late'), 'm3');
  });

  test('tells of a server that refuses, with the reason', async () => {
    const server = createServer().listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const address = server.address();
    server.close();
    await once(server, 'close');
    open(`ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/ws`);
    const { code, lastByteAtMicros, cause } = await expectClosed();
    expect({ code, lastByteAtMicros }).toEqual({ code: 1006, lastByteAtMicros: 0 });
    expect(messageOf(cause)).toContain('ECONNREFUSED');
  });

  test.runIf(name === 'lean')('takes no server for dead because its own process stood still', async () => {
    await using node = await PieceProcess.open(['node', '--port', '0', '--limit', 'heartbeatMs=1s']);
    const common = { headers: {}, host: 'localhost', login: undefined, passcode: undefined };
    const heartbeat = { sendMs: 0, wantMs: 1_000 };
    engine.open({ url: node.url, ...common, heartbeat, connectTimeoutMs: 10_000, events: witness });
    await witness.hears('connected');
    // Dead is who was silent for 3 s; meanwhile its heart-beats wait in the kernel.
    standStill(4_000);
    let looks = 0;
    const looking = setInterval(() => looks++, 250);
    await waitUntil(() => looks >= 4, { timeoutMs: 30_000 });
    clearInterval(looking);
    expect(witness.told).toEqual(['connected']);
  });

  test('does not say of a byte that it came while its own process stood still', async () => {
    let peer: WebSocket | undefined;
    const server = await openBad((socket) => {
      peer = socket;
      socket.once('message', () => socket.send(connected));
    });
    open(server.url);
    await witness.hears('connected');
    const sentAtMicros = nowMicros();
    peer?.send('MESSAGE\nsubscription:1\nmessage-id:1\ndestination:/topic/a\n\nlast words\0');
    standStill(1_500);
    peer?.terminate();
    const { lastByteAtMicros } = await expectClosed();
    expect(witness.told).toContain('message 1 last words');
    expect(lastByteAtMicros).toBeGreaterThan(0);
    expect(lastByteAtMicros).toBeLessThanOrEqual(sentAtMicros);
  });

  test('gives up a server that never answers CONNECT', async () => {
    const server = await openBad(() => undefined);
    open(server.url, { connectTimeoutMs: 300 });
    await expectClosed();
    expect(witness.told).toEqual(['closed']);
  });

  test('gives up a server that accepts the connection and never says a word', async () => {
    const server = await openSilentServer();
    servers.push(server);
    open(server.url, { connectTimeoutMs: 300 });
    const { code } = await expectClosed();
    expect(code).toBe(1006);
    expect(witness.told).toEqual(['closed']);
  });

  test('tells the code of a server that closes at once', async () => {
    const server = await openBad((socket) => socket.close(1013, 'try again later'));
    open(server.url);
    const { code, reason } = await expectClosed();
    expect({ code, reason }).toEqual({ code: 1013, reason: 'try again later' });
    expect(witness.told).toEqual(['closed']);
  });

  test('notices a peer that is silent for longer than its heart-beats allow', async () => {
    const server = await openBad((socket) => {
      socket.once('message', () => socket.send('CONNECTED\nversion:1.2\nheart-beat:200,200\n\n\0'));
    });
    open(server.url, { heartbeatMs: 200 });
    await witness.hears('connected');
    const { lastByteAtMicros } = await expectClosed();
    expect(lastByteAtMicros).toBeGreaterThan(0);
  });

  test('tells an ERROR, and that the connection is closed even where the server forgets it', async () => {
    const server = await openBad((socket) => {
      socket.once('message', () => socket.send('ERROR\nmessage:no\n\nnot you\0'));
    });
    open(server.url);
    await expectClosed();
    expect(witness.told).toEqual(['error', 'closed']);
  });

  test('survives a server that sends what is no STOMP frame', async () => {
    const server = await openBad((socket) => {
      socket.once('message', () => {
        socket.send(connected);
        socket.send('<html>\n\n\0');
        socket.send(Buffer.from([0, 255, 0, 254]));
        socket.close(1002);
      });
    });
    open(server.url);
    await expectClosed();
    expect(witness.told.filter((each) => each.startsWith('message'))).toEqual([]);
  });

  test('ends at once when told so, whatever the server does', async () => {
    const server = await openBad((socket) => socket.once('message', () => socket.send(connected)));
    const connection = open(server.url);
    await witness.hears('connected');
    connection.terminate();
    const { code } = await expectClosed();
    expect(code).toBe(1006);
  });

  test('bounds its goodbye where the server never answers DISCONNECT', async () => {
    const server = await openBad((socket) => socket.once('message', () => socket.send(connected)));
    const connection = open(server.url);
    await witness.hears('connected');
    connection.disconnect();
    await expectClosed();
  });
});

test('the lean engine drops a connection that sends garbage by itself', async () => {
  const engine = await loadEngine('lean');
  const witness = new Witness();
  await using server = await openBadServer((socket) => {
    socket.once('message', () => socket.send('HTTP/1.1 400 Bad Request\r\n\r\n\0'));
  });
  const common = { headers: {}, host: 'localhost', login: undefined, passcode: undefined };
  const heartbeat = { sendMs: 0, wantMs: 0 };
  engine.open({ url: server.url, ...common, heartbeat, connectTimeoutMs: 60_000, events: witness });
  await witness.hears('closed');
  expect(witness.told).toEqual(['closed']);
  expect(witness.close?.cause).toBeInstanceOf(Error);
  engine.close();
});
