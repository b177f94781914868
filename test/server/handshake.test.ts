import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkReach } from '../../src/commands/node.js';
import type { RelayNode } from '../../src/server/node.js';
import { isOriginAllowed } from '../../src/server/origin.js';
import { RawClient } from './raw-client.js';
import { metricOf, openTestNode } from './test-node.js';

let node: RelayNode;
beforeEach(async () => {
  node = await openTestNode();
});
afterEach(() => node[Symbol.asyncDispose]());

/** The status that an upgrade is refused with, or 101. */
async function upgradeStatus(headers: Record<string, string>, path = '/ws', port = node.port): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  const all = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return Number(chunk.toString('latin1').split(' ')[1]);
}

/** `fetch` does not let a test choose its Host. */
function statusWithHost(host: string, path = '/health'): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: node.port, path, headers: { Host: host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject).end();
  });
}

test.each([
  ['127.0.0.1', false, false, true],
  ['::1', false, false, true],
  ['0.0.0.0', false, false, false],
  ['0.0.0.0', true, false, false],
  ['0.0.0.0', false, true, false],
  ['127.evil.example', false, false, false],
  ['192.168.1.2', true, true, true],
])(
  'limit 1: listening on %s with consent %s and credential %s is allowed: %s',
  (host, allowRemote, guarded, allowed) => {
    const check = () => checkReach({ host, allowRemote }, guarded);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(/can be reached/);
  },
);

describe('Origin', () => {
  test.each([
    [undefined, true],
    ['http://localhost:3000', true],
    ['http://localhost', true],
    ['http://127.0.0.1:8080', true],
    ['https://localhost:3000', false],
    ['http://localhost.evil.example', false],
    ['http://localhost@evil.example', false],
    ['http://evil.example/http://localhost:3000', false],
    ['http://127.0.0.1.evil.example:80', false],
    ['null', false],
    ['', false],
    ['file://', false],
  ])('limit 2: %s is allowed: %s', async (origin, isAllowed) => {
    const status = await upgradeStatus(origin === undefined ? {} : { Origin: origin });
    expect(status).toBe(isAllowed ? 101 : 403);
  });

  test('limit 2: an origin that the user allows is compared as a whole', () => {
    const allowed = ['https://chat.example'];
    expect(isOriginAllowed('https://chat.example', allowed)).toBe(true);
    for (const origin of ['https://chat.example:8443', 'https://chat.example.evil', 'http://chat.example']) {
      expect(isOriginAllowed(origin, allowed)).toBe(false);
    }
  });
});

test.each([
  ['localhost', 200],
  ['LOCALHOST:80', 200],
  ['127.0.0.1', 200],
  ['[::1]:7101', 200],
  ['evil.example', 421],
  ['127.0.0.1.evil.example', 421],
  ['127.evil.example:80', 421],
  ['localhost.evil.example', 421],
])('limit 3: HTTP for the Host %s is answered with %i', async (host, status) => {
  expect(await statusWithHost(host)).toBe(status);
});

describe('the handshake', () => {
  test.each([
    ['another path', {}, '/other', 404],
    ['an unknown sub-protocol', { 'Sec-WebSocket-Protocol': 'mqtt' }, '/ws', 400],
    ['an old version', { 'Sec-WebSocket-Version': '7' }, '/ws', 400],
    ['a bad key', { 'Sec-WebSocket-Key': 'short' }, '/ws', 400],
    ['too large headers', { Cookie: 'a'.repeat(9_000) }, '/ws', 431],
    ['no sub-protocol', {}, '/ws', 101],
    ['a query', {}, '/ws?x=1', 101],
  ])('limit 4: with %s is answered', async (_title, headers, path, status) => {
    expect(await upgradeStatus(headers, path)).toBe(status);
  });

  test('limit 4: a refused peer that never closes is cut, so that it keeps no descriptor', async () => {
    const socket = connect({ port: node.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.resume();
    await once(socket, 'end');
    // Writing to a connection that the other side has only half closed would go on for ever.
    socket.on('error', () => {});
    const writing = setInterval(() => socket.write('x'), 10);
    await new Promise((resolve) => socket.on('close', resolve));
    clearInterval(writing);
  });

  test('the best sub-protocol in common is chosen', async () => {
    await using client = await RawClient.overWebSocket(node.url, { subprotocols: ['v10.stomp', 'v11.stomp'] });
    await client.connect('1.1');
  });
});

describe('admission', () => {
  test('limit 11: more connections than allowed get 503 with Retry-After and are counted', async () => {
    await using small = await openTestNode({ maxConnections: 1 });
    const first = await RawClient.overWebSocket(small.url);
    await expect(RawClient.overWebSocket(small.url)).rejects.toThrow('503');
    expect(await metricOf(small.port, 'refused_connections_total')).toBe(1);
    await first[Symbol.asyncDispose]();
    const isBack = async () => (await metricOf(small.port, 'sessions')) === 0;
    await expect.poll(isBack, { timeout: 30_000 }).toBe(true);
    await using second = await RawClient.overWebSocket(small.url);
    await second.connect();
  });

  test('limit 11: a burst beyond the bucket gets 503', async () => {
    await using small = await openTestNode({ acceptBurst: 2, acceptPerSecond: 0 });
    await using one = await RawClient.overWebSocket(small.url);
    await using two = await RawClient.overWebSocket(small.url);
    await expect(RawClient.overWebSocket(small.url)).rejects.toThrow('503');
    await Promise.all([one.connect(), two.connect()]);
  });

  test('a handshake that fails gives its place back', async () => {
    await using small = await openTestNode({ maxConnections: 1 });
    for (let i = 0; i < 3; i++)
      expect(await upgradeStatus({ 'Sec-WebSocket-Key': 'bad' }, '/ws', small.port)).toBe(400);
    const isFree = async () =>
      RawClient.overWebSocket(small.url).then(
        (client) => client[Symbol.asyncDispose]().then(() => true),
        () => false,
      );
    await expect.poll(isFree, { timeout: 30_000 }).toBe(true);
  });
});
