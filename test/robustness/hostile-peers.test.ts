import { afterEach, expect, test } from 'vitest';
import { RawClient } from '../server/raw-client.js';
import { openRawWebSocket, RawSocket, serverFrames } from './raw-socket.js';
import { RunningNode } from './running-node.js';
import { clientFrame, opcode } from './websocket-frame.js';

/** So many of each kind. */
const crowd = 10;
const dribbleEveryMs = 50;

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

async function startNode(...limits: string[]): Promise<RunningNode> {
  const node = await RunningNode.start(limits);
  cleanUp.push(() => node[Symbol.asyncDispose]());
  return node;
}

/** Sends one piece again and again, however little the other side likes it. */
function dribble(send: () => void): void {
  // After what has come was read: a write that fails would hide the answer.
  const timer = setInterval(() => setImmediate(send), dribbleEveryMs);
  cleanUp.push(() => clearInterval(timer));
}

/** A crowd of raw connections; `open` may be slow, all are opened at once. */
async function crowdOf<T extends Disposable>(open: () => T | Promise<T>): Promise<T[]> {
  const peers = await Promise.all(Array.from({ length: crowd }, open));
  cleanUp.push(() => peers.forEach((peer) => void peer[Symbol.dispose]()));
  return peers;
}

async function session(node: RunningNode, headers: Readonly<Record<string, string>> = {}): Promise<RawClient> {
  const client = await RawClient.overWebSocket(node.url);
  cleanUp.push(() => client[Symbol.asyncDispose]());
  await client.connect('1.2', headers);
  return client;
}

function closeCode({ received }: RawSocket): number | undefined {
  return serverFrames(received)
    .find(({ code }) => code === opcode.close)
    ?.payload.readUInt16BE(0);
}

/** Waits until all have gone; meanwhile those who behave are served. */
async function expectServedUntil(node: RunningNode, all: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = all.finally(() => {
    isOver = true;
  });
  while (!isOver) await node.expectServing();
  await over;
}

test('limit 4: who dribbles an HTTP head or body, or is silent, is told 408, cut and counted', async () => {
  const node = await startNode();
  const open = async (first: string, more: string): Promise<RawSocket> => {
    const socket = new RawSocket(node.port);
    socket.write(first);
    if (more !== '') dribble(() => socket.write(more));
    return socket;
  };
  const peers = [
    ...(await crowdOf(() => open('GET /ws HTTP/1.1\r\nHost: localhost\r\n', 'X-More: x\r\n'))),
    ...(await crowdOf(() => open('', ''))),
    ...(await crowdOf(() => open('POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n\r\n', 'x'))),
  ];
  await expectServedUntil(node, Promise.all(peers.map((peer) => peer.ended())));
  for (const peer of peers) expect(peer.received.toString()).toMatch(/^HTTP\/1\.1 408 /);
  expect(await node.metric('timed_out_total')).toBe(3 * crowd);
});

test('limits 5 and 9: who upgrades and is silent, or dribbles frames, gets 1008 and is counted', async () => {
  const node = await startNode('connectTimeoutMs=4s', 'partialFrameTimeoutMs=1s', 'closeTimeoutMs=1s');
  const open = async (first: string, more: string): Promise<RawSocket> => {
    const socket = await openRawWebSocket(node.port);
    if (first !== '') socket.write(clientFrame(opcode.text, first));
    if (more !== '') dribble(() => socket.write(clientFrame(opcode.text, more)));
    return socket;
  };
  const connect = 'CONNECT\naccept-version:1.2\nhost:/\n';
  const peers = [
    ...(await crowdOf(() => open('', ''))),
    ...(await crowdOf(() => open('', '\n'))),
    ...(await crowdOf(() => open(connect, 'x'))),
    ...(await crowdOf(() => open(`${connect}\n\0SEND\nx:`, 'x'))),
    ...(await crowdOf(() => open(`${connect}\n\0SEND\ndestination:/topic/x\ncontent-length:60000\n\n`, 'x'))),
  ];
  await expectServedUntil(node, Promise.all(peers.map((peer) => peer.ended())));
  expect(peers.map(closeCode)).toEqual(peers.map(() => 1008));
  expect(await node.metric('timed_out_total')).toBe(5 * crowd);
  expect(await node.metric('sessions')).toBe(2);
});

test('limit 15: who promised heart-beats and is silent is cut and counted', async () => {
  const node = await startNode('heartbeatMs=100ms');
  const peers = await Promise.all(Array.from({ length: crowd }, () => session(node, { 'heart-beat': '100,0' })));
  await expectServedUntil(node, Promise.all(peers.map((peer) => peer.ended)));
  expect(await node.metric('timed_out_total')).toBe(crowd);
});

test('limit 13: who subscribes and stops reading is cut and counted, and what waited for it is let go', async () => {
  const node = await startNode('maxUnsentBytes=128KB', 'closeTimeoutMs=1s');
  const peers = await Promise.all(Array.from({ length: crowd }, () => session(node)));
  for (const peer of peers) {
    await peer.asked('SUBSCRIBE', { id: '1', destination: '/topic/flood' });
    peer.pause();
  }
  const publisher = await session(node);
  // The kernel takes some megabytes for each before anything waits in the node.
  while ((await node.metric('slow_consumers_total')) < crowd) {
    await publisher.asked('SEND', { destination: '/topic/flood' }, 'x'.repeat(60_000));
    await node.expectServing();
  }
  await expect.poll(() => node.metric('sessions'), { timeout: 30_000 }).toBe(3);
  await expect.poll(() => node.metric('unsent_bytes'), { timeout: 30_000 }).toBe(0);
  expect(await node.metric('slow_consumers_total')).toBe(crowd);
});

test('limits 4 and 7: who floods with headers is refused and counted, each time anew', async () => {
  const node = await startNode();
  for (let round = 1; round <= 3; round++) {
    const overHttp = await crowdOf(() => new RawSocket(node.port));
    for (const peer of overHttp)
      peer.write(`GET /ws HTTP/1.1\r\nHost: localhost\r\n${'X-Flood: x\r\n'.repeat(10_000)}`);
    const overStomp = await crowdOf(() => openRawWebSocket(node.port));
    for (const peer of overStomp) peer.write(clientFrame(opcode.text, `CONNECT\n${'x:y\n'.repeat(10_000)}`));
    await expectServedUntil(node, Promise.all(overHttp.map((peer) => peer.ended())));
    for (const peer of overStomp) expect(await peer.until(() => closeCode(peer), 'close frame')).toBe(1009);
    expect(await node.metric('bad_requests_total')).toBe(round * crowd);
    expect(await node.metric('protocol_errors_total')).toBe(round * crowd);
  }
});

test('limit 11: connections that say nothing are bounded as well; those that are open go on', async () => {
  const node = await startNode('maxConnections=10');
  const idle = Array.from({ length: 1_100 }, () => new RawSocket(node.port));
  cleanUp.push(() => idle.forEach((socket) => void socket[Symbol.dispose]()));
  // Beyond the 10 and the 1,000 for plain HTTP they are closed unread, long before their time is over.
  await idle.at(-1)?.ended();
  expect(idle.at(-1)?.received.length).toBe(0);
  // Those that a slow machine ends for their silence meanwhile are told so.
  expect(idle.filter(({ isEnded, received }) => isEnded && received.length === 0).length).toBeLessThanOrEqual(100);
  for (const socket of idle) socket[Symbol.dispose]();
  await expect
    .poll(
      () =>
        node.expectServing().then(
          () => true,
          () => false,
        ),
      { timeout: 30_000 },
    )
    .toBe(true);
});
