import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ConnectionEvents } from '../../src/client/connection.js';
import { createLeanEngine } from '../../src/client/lean-engine.js';

const engine = createLeanEngine();
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'v12.stomp' });
const bodies: string[] = [];
let whenClosed: (code: number) => void = () => undefined;
const events: ConnectionEvents = {
  connected: () => undefined,
  message: (message) => bodies.push(`${message.subscription} ${message.offset} ${message.body.toString('latin1')}`),
  receipt: () => undefined,
  error: () => undefined,
  closed: ({ code }) => whenClosed(code),
};

function messageFrame(number: number, body: string): string {
  const head = `subscription:7\nmessage-id:a\\c${number}\nepoch:e\noffset:${number}\ncontent-length:${body.length}`;
  return `MESSAGE\n${head}\n\n${body}\0`;
}

/** The server's side of a connected session of the lean engine. */
async function connect(): Promise<WebSocket> {
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'connection');
  engine.open({
    url: `ws://127.0.0.1:${port}`,
    headers: {},
    host: 'test',
    login: undefined,
    passcode: undefined,
    heartbeat: { sendMs: 0, wantMs: 0 },
    connectTimeoutMs: 10_000,
    events,
  });
  const [peer] = (await accepted) as [WebSocket];
  await once(peer, 'message');
  peer.send('CONNECTED\nversion:1.2\n\n\0');
  return peer;
}

afterEach(() => {
  engine.close();
  for (const peer of server.clients) peer.terminate();
  server.close();
});

it('reads whole, cut, fragmented and large messages in their order, answers pings and sees the close code', async () => {
  const peer = await connect();
  const closed = new Promise<number>((resolve) => {
    whenClosed = resolve;
  });
  const big = 'z'.repeat(100_000);
  peer.send(messageFrame(1, 'whole'));
  peer.send(messageFrame(2, 'two') + messageFrame(3, 'at once'));
  const ponged = once(peer, 'pong');
  peer.ping('still there?');
  const cut = messageFrame(4, 'over two messages');
  peer.send(cut.slice(0, 30));
  peer.send(cut.slice(30));
  const pieces = messageFrame(5, 'in fragments');
  peer.send(pieces.slice(0, 10), { fin: false });
  peer.send(pieces.slice(10), { fin: true });
  peer.send(messageFrame(6, big));
  peer.send(messageFrame(7, 'last'));
  expect(String((await ponged)[0])).toBe('still there?');
  peer.close(4321);
  expect(await closed).toBe(4321);
  const expected = ['7 1 whole', '7 2 two', '7 3 at once', '7 4 over two messages', '7 5 in fragments'];
  expect(bodies).toEqual([...expected, `7 6 ${big}`, '7 7 last']);
});
