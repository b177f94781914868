import { afterEach, describe, expect, test } from 'vitest';
import type { ServerLimits } from '../../src/server/limits.js';
import type { RelayNode } from '../../src/server/node.js';
import { frameText, RawClient } from './raw-client.js';
import { openTestNode } from './test-node.js';

const topic = '/topic/a';
const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function open(limits: Partial<ServerLimits>): Promise<{ node: RelayNode; client: RawClient }> {
  const node = await openTestNode(limits);
  const client = await RawClient.overWebSocket(node.url);
  opened.push(node, client);
  return { node, client };
}

async function connected(limits: Partial<ServerLimits> = {}): Promise<RawClient> {
  const { client } = await open(limits);
  await client.connect();
  return client;
}

/** The ERROR's message and the close code that follow. */
async function breach(client: RawClient): Promise<{ message: string; code: number | undefined }> {
  const { headers } = await client.next('ERROR');
  return { message: headers.get('message') ?? '', code: (await client.ended).code };
}

test('limit 5: who does not CONNECT in time is sent away with 1008', async () => {
  const { client } = await open({ connectTimeoutMs: 200 });
  expect(await breach(client)).toMatchObject({ code: 1008, message: expect.stringContaining('No CONNECT') });
});

describe('limit 6: before CONNECT', () => {
  test('a frame of more than 16 KiB is refused, whole or in pieces', async () => {
    for (const pieces of [1, 40]) {
      const { client } = await open({});
      const line = `x:${'a'.repeat(500)}\n`.repeat(40);
      const text = `CONNECT\n${line}\n\0`;
      const size = Math.ceil(text.length / pieces);
      for (let i = 0; i < text.length; i += size) client.raw(text.slice(i, i + size));
      expect(await breach(client)).toMatchObject({
        code: 1009,
        message: expect.stringContaining('maxHeaderBlockBytes'),
      });
    }
  });

  test('no frame may have a body', async () => {
    const { client } = await open({});
    client.raw('CONNECT\naccept-version:1.2\ncontent-length:5\n\nhello\0');
    expect((await breach(client)).code).toBe(1009);
  });
});

describe('limit 7: after CONNECT', () => {
  test.each([
    ['a command of more than 32 octets', `${'A'.repeat(33)}\n\n\0`, 'maxCommandBytes'],
    ['more than 100 headers', `SEND\n${'a:b\n'.repeat(101)}\n\0`, 'maxHeaders'],
    ['a header line of more than 8 KiB', `SEND\na:${'b'.repeat(8_192)}\n\n\0`, 'maxHeaderLineBytes'],
    ['headers of more than 32 KiB', `SEND\n${`a:${'b'.repeat(6_000)}\n`.repeat(6)}\n\0`, 'maxHeaderBlockBytes'],
    ['a body announced with more than 64 KiB', `SEND\ndestination:${topic}\ncontent-length:65537\n\n`, 'maxBodyBytes'],
    ['a body of more than 64 KiB', `SEND\ndestination:${topic}\n\n${'x'.repeat(65_537)}\0`, 'maxBodyBytes'],
  ])('%s is answered with an ERROR that names the limit, and 1009', async (_title, text, limit) => {
    const client = await connected();
    client.raw(text);
    expect(await breach(client)).toMatchObject({ code: 1009, message: expect.stringContaining(limit) });
  });

  test('a content-length that is no number is refused', async () => {
    for (const length of ['-1', '1e3', '99999999999', ' 5', '']) {
      const client = await connected();
      client.raw(`SEND\ndestination:${topic}\ncontent-length:${length}\n\nhello\0`);
      expect((await breach(client)).message).toContain('content-length');
    }
  });

  test('a body of exactly 64 KiB passes', async () => {
    const client = await connected();
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    client.send('SEND', { destination: topic }, 'x'.repeat(65_536));
    expect((await client.next('MESSAGE')).body.length).toBe(65_536);
  });

  test('a limit that the broker could not bear is refused at the start', async () => {
    await expect(openTestNode({ maxBodyBytes: 17 * 1_048_576 })).rejects.toThrow('maxBodyBytes');
  });
});

test('limit 8: a WebSocket message beyond the payload limit is closed with 1009', async () => {
  const client = await connected();
  client.raw('x'.repeat(64 * 1024 + 48 * 1024 + 1));
  expect((await client.ended).code).toBe(1009);
});

test('limit 8: text that is not UTF-8 is closed with 1007, and compression is not agreed upon', async () => {
  const { node } = await open({});
  const client = await RawClient.overWebSocket(node.url, { perMessageDeflate: true });
  opened.push(client);
  // A client frame: FIN and text, masked with zeros, one octet that begins no UTF-8 sequence.
  const client2 = await RawClient.overWebSocket(node.url);
  opened.push(client2);
  client2.octets(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]));
  expect((await client2.ended).code).toBe(1007);
  expect(client.extensions()).toBe('');
});

test('limit 8: a message in more than 64 fragments is closed with 1008', async () => {
  const client = await connected();
  const fragment = (first: number) => Buffer.from([first, 0x81, 0, 0, 0, 0, 0x0a]);
  client.octets(Buffer.concat([fragment(0x01), ...Array.from({ length: 70 }, () => fragment(0x00))]));
  expect((await client.ended).code).toBe(1008);
});

test('limit 9: a frame that stays unfinished is closed with 1008', async () => {
  const client = await connected({ partialFrameTimeoutMs: 200 });
  client.raw('SEND\ndestination:');
  expect(await breach(client)).toMatchObject({ code: 1008, message: expect.stringContaining('unfinished') });
});

test('limit 9: a stream whose chunks never end with a frame is not an unfinished frame', async () => {
  // More than a second: a node that stands still for so long judges nobody.
  const client = await connected({ partialFrameTimeoutMs: 1_500 });
  await client.asked('SUBSCRIBE', { id: '1', destination: topic });
  const frame = frameText('SEND', { destination: topic }, 'x');
  client.raw(frame.slice(0, 10));
  let sent = 0;
  // Goes on for twice the limit; each chunk ends one frame and begins the next.
  const writing = setInterval(() => {
    client.raw(frame.slice(10) + frame.slice(0, 10));
    sent++;
  }, 100);
  await client.until(() => client.received.filter((one) => one.command === 'MESSAGE').length >= 30, '30 messages');
  clearInterval(writing);
  expect(sent).toBeGreaterThanOrEqual(30);
});

describe('limit 10: one session', () => {
  test('has a bounded number of subscriptions', async () => {
    const client = await connected({ maxSubscriptions: 2 });
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    await client.asked('SUBSCRIBE', { id: '2', destination: topic });
    client.send('SUBSCRIBE', { id: '3', destination: topic });
    expect((await breach(client)).message).toContain('2 subscriptions');
  });

  test('has a bounded number of transactions', async () => {
    const client = await connected({ maxTransactions: 1 });
    await client.asked('BEGIN', { transaction: '1' });
    client.send('BEGIN', { transaction: '2' });
    expect((await breach(client)).message).toContain('Too many transactions');
  });

  test('has a bounded number of actions and octets in a transaction', async () => {
    for (const limits of [{ maxTransactionActions: 2 }, { maxTransactionBytes: 300 }]) {
      const client = await connected(limits);
      await client.asked('BEGIN', { transaction: '1' });
      for (let i = 0; i < 3; i++) client.send('SEND', { destination: topic, transaction: '1' }, 'x'.repeat(100));
      expect((await breach(client)).message).toContain('too large');
    }
  });

  test('has a bounded number of deliveries that wait for an ACK', async () => {
    const client = await connected({ maxUnacknowledged: 3 });
    await client.asked('SUBSCRIBE', { id: '1', destination: topic, ack: 'client' });
    for (let i = 0; i < 4; i++) client.send('SEND', { destination: topic });
    await client.until(() => client.received.some((frame) => frame.command === 'ERROR'), 'ERROR');
    expect((await client.ended).code).toBe(1008);
  });
});

test('limit 15: heart-beats come in time while nothing else does', async () => {
  const { client } = await open({ heartbeatMs: 300 });
  await client.connect('1.2', { 'heart-beat': '0,300' });
  await client.until(() => client.heartbeats >= 3, 'heart-beats');
});

test('limit 15, H05: a peer that promised heart-beats and is silent is sent away; one that beats is not', async () => {
  const { node, client } = await open({ heartbeatMs: 100 });
  await client.connect('1.2', { 'heart-beat': '100,0' });
  const beating = await RawClient.overWebSocket(node.url);
  opened.push(beating);
  await beating.connect('1.2', { 'heart-beat': '100,0' });
  beating.raw('\n');
  const timer = setInterval(() => beating.raw('\n'), 100);
  expect(await breach(client)).toMatchObject({ code: 1002, message: expect.stringContaining('No heart-beat') });
  await beating.asked('SUBSCRIBE', { id: '1', destination: topic });
  clearInterval(timer);
});

test('H02, H03: with 0 on either side nobody beats and nobody is missed', async () => {
  const { client } = await open({ heartbeatMs: 100, connectTimeoutMs: 1_500 });
  await client.connect('1.2', { 'heart-beat': '0,0' });
  const { node, client: silent } = await open({ connectTimeoutMs: 2_500 });
  // The time by which the first client would be dead is measured by another connection's own limit.
  expect((await breach(silent)).code).toBe(1008);
  expect(node.port).toBeGreaterThan(0);
  await client.asked('SUBSCRIBE', { id: '1', destination: topic });
  expect(client.heartbeats).toBeLessThanOrEqual(1);
});

test('limit 20: a selector is ignored', async () => {
  const client = await connected();
  await client.asked('SUBSCRIBE', { id: '1', destination: topic, selector: "x = 'never'" });
  await client.asked('SEND', { destination: topic }, 'all');
  expect(await client.bodies(1)).toEqual(['all']);
});

test('limit 21: session ids and message ids cannot be guessed', async () => {
  const { node, client } = await open({});
  const one = await client.connect();
  const other = await RawClient.overWebSocket(node.url);
  opened.push(other);
  const two = await other.connect();
  const ids = [one, two].map((frame) => frame.headers.get('session') ?? '');
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
