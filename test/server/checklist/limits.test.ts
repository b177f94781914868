import { expect } from 'vitest';
import { waitUntil } from '../../../src/core/clock.js';
import { frameText } from '../raw-client.js';
import { metricOf } from '../test-node.js';
import { check } from './check.js';
import { bodiesOf, type Peer, type Refusal, refusal, refused } from './peer.js';

const topic = '/topic/a';

function send(headers: Readonly<Record<string, string>>, body = ''): string {
  return frameText('SEND', { destination: topic, ...headers }, body);
}

/** As `refused`, and over WebSocket the code says that something was too large. */
async function tooLarge(peer: Peer, text: string): Promise<Refusal> {
  const answer = await refused(await peer.client(), text);
  expect(answer.ending.code).toBe(peer.transport === 'tcp' ? undefined : 1009);
  return answer;
}

check('L01', async (peer) => {
  const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`h${i}`, 'x']));
  const client = await peer.client();
  await client.asked('SEND', { destination: topic, ...headers(98) });
  expect((await tooLarge(peer, send(headers(100)))).message).toContain('maxHeaders of 100');
});

check('L02', async (peer) => {
  await (await peer.client()).asked('SEND', { destination: topic, x: 'x'.repeat(8 * 1024 - 2) });
  expect((await tooLarge(peer, send({ x: 'x'.repeat(8 * 1024) }))).message).toContain('maxHeaderLineBytes of 8192');
  const lines = Object.fromEntries(Array.from({ length: 5 }, (_, i) => [`h${i}`, 'x'.repeat(8_000)]));
  expect((await tooLarge(peer, send(lines))).message).toContain('maxHeaderBlockBytes of 32768');
  expect((await tooLarge(peer, 'S'.repeat(40))).message).toContain('maxCommandBytes of 32');
});

check('L03', async (peer) => {
  const client = await peer.subscriber(topic);
  const body = 'x'.repeat(64 * 1024);
  client.raw(send({}, body));
  expect(await client.bodies(1)).toEqual([body]);
  expect((await tooLarge(peer, send({}, `${body}x`))).message).toContain('maxBodyBytes of 65536');
  // An announced length is refused before a single octet of the body has come.
  const announced = `SEND\ndestination:${topic}\ncontent-length:65537\n\n`;
  expect((await tooLarge(peer, announced)).message).toContain('maxBodyBytes of 65536');
});

check('L04', async (peer) => {
  const client = await peer.subscriber(topic);
  // Several frames in one WebSocket message, or one TCP write, up to the bound and beyond.
  client.raw(send({}, 'x').repeat(1_000));
  await client.until(() => bodiesOf(client).length === 1_000, '1,000 messages');
  client.raw(send({}, 'y'.repeat(60_000)).repeat(2));
  if (peer.transport === 'websocket') expect((await client.ended).code).toBe(1009);
  else expect(await client.bodies(1_002)).toHaveLength(1_002);
});

check(
  'L05',
  async (peer) => {
    const large = await peer.stranger();
    const headers = Object.fromEntries(Array.from({ length: 4 }, (_, i) => [`h${i}`, 'x'.repeat(6_000)]));
    expect((await refused(large, frameText('CONNECT', headers))).message).toContain('maxHeaderBlockBytes of 16384');
    const silent = await peer.stranger();
    const { message, ending } = await refusal(silent);
    expect(message).toBe('No CONNECT within 1500 ms.');
    expect(ending.code).toBe(peer.transport === 'tcp' ? undefined : 1008);
  },
  { limits: { connectTimeoutMs: 1_500 } },
);

check(
  'L06',
  async (peer) => {
    await peer.client();
    const second = await peer.client();
    if (peer.transport === 'websocket') await expect(peer.stranger()).rejects.toThrow('503');
    else expect((await (await peer.stranger()).ended).code).toBeUndefined();
    expect(await metricOf(peer.server.httpPort, 'refused_connections_total')).toBe(1);
    await second[Symbol.asyncDispose]();
    const hasRoom = async () => (await metricOf(peer.server.httpPort, 'sessions')) === 1;
    expect(await waitUntil(hasRoom, { timeoutMs: 30_000 })).toBe(true);
    await peer.client();
  },
  { limits: { maxConnections: 2 } },
);

check(
  'L07',
  async (peer) => {
    const client = await peer.client();
    for (const id of ['1', '2']) await client.asked('SUBSCRIBE', { id, destination: topic });
    const more = frameText('SUBSCRIBE', { id: '3', destination: topic });
    expect((await refused(client, more)).message).toContain('2 subscriptions already');
    const other = await peer.client();
    await other.asked('BEGIN', { transaction: '1' });
    expect((await refused(other, frameText('BEGIN', { transaction: '2' }))).message).toContain('Too many transactions');
  },
  { limits: { maxSubscriptions: 2, maxTransactions: 1 } },
);

check('L08', async (peer) => {
  const slow = await peer.subscriber(topic);
  const other = await peer.subscriber(topic);
  slow.pause();
  const publisher = await peer.client();
  const body = 'x'.repeat(60_000);
  let sent = 0;
  while ((await metricOf(peer.server.httpPort, 'slow_consumers_total')) === 0) {
    for (let i = 0; i < 10; i++) await publisher.asked('SEND', { destination: topic }, body);
    sent += 10;
  }
  slow.resume();
  expect((await slow.ended).code).toBe(peer.transport === 'tcp' ? undefined : 4500);
  expect(slow.received.at(-1)?.command).not.toBe('ERROR');
  await other.until(() => bodiesOf(other).length === sent, 'everything that was sent');
});
