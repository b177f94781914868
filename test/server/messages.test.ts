import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RelayNode } from '../../src/server/node.js';
import type { StompVersion } from '../../src/stomp/frame.js';
import { frameText, RawClient } from './raw-client.js';
import { openTestNode } from './test-node.js';

const topic = '/topic/a';
let node: RelayNode;
beforeEach(async () => {
  node = await openTestNode();
});
afterEach(() => node[Symbol.asyncDispose]());

async function connected(version: StompVersion = '1.2'): Promise<RawClient> {
  const client = await RawClient.overWebSocket(node.url);
  await client.connect(version);
  return client;
}

async function errorOf(client: RawClient, text: string): Promise<string> {
  client.raw(text);
  const { headers } = await client.next('ERROR');
  await client.ended;
  return headers.get('message') ?? '';
}

describe('SEND and SUBSCRIBE', () => {
  test('S02, G01: the publisher’s headers pass unchanged, STOMP’s own are set by the server', async () => {
    await using client = await connected();
    await client.asked('SUBSCRIBE', { id: 'mine', destination: topic });
    await client.asked('SEND', {
      destination: topic,
      'content-type': 'text/plain',
      ' spaced ': ' kept ',
      'message-id': 'forged',
      subscription: 'forged',
      ack: 'forged',
      epoch: 'forged',
      offset: '7',
    });
    const { headers } = await client.next('MESSAGE');
    expect(headers.get('destination')).toBe(topic);
    expect(headers.get('content-type')).toBe('text/plain');
    expect(headers.get(' spaced ')).toBe(' kept ');
    expect(headers.get('subscription')).toBe('mine');
    expect(headers.get('message-id')).not.toBe('forged');
    for (const name of ['ack', 'epoch', 'offset', 'receipt']) expect(headers.get(name)).toBeUndefined();
  });

  test.each([
    ['S01: SEND without destination', frameText('SEND'), 'destination'],
    ['S04: SUBSCRIBE without destination', frameText('SUBSCRIBE', { id: '1' }), 'destination'],
    ['S04: SUBSCRIBE without id', frameText('SUBSCRIBE', { destination: topic }), 'id'],
    ['S06: an unknown ack mode', frameText('SUBSCRIBE', { id: '1', destination: topic, ack: 'yes' }), 'ack'],
    [
      'limit 19: a destination with a wildcard',
      frameText('SUBSCRIBE', { id: '1', destination: '/topic/*' }),
      'charact',
    ],
    ['limit 19: a destination without slash', frameText('SEND', { destination: 'topic' }), 'slash'],
    ['limit 19: a destination that is too long', frameText('SEND', { destination: `/${'a'.repeat(255)}` }), 'longer'],
    ['limit 19: too many segments', frameText('SEND', { destination: '/a'.repeat(17) }), 'segments'],
    ['S08: UNSUBSCRIBE of a stranger’s id', frameText('UNSUBSCRIBE', { id: '1' }), 'no such subscription'],
    ['A08: ACK of nothing', frameText('ACK', { id: '1' }), 'No delivery'],
    ['A08: NACK of nothing', frameText('NACK', { id: '1' }), 'No delivery'],
    ['T01: BEGIN without transaction', frameText('BEGIN'), 'transaction'],
    ['T01: COMMIT of nothing', frameText('COMMIT', { transaction: 't' }), 'not open'],
    ['T01: ABORT of nothing', frameText('ABORT', { transaction: 't' }), 'not open'],
    [
      'T03: SEND in a transaction that is not open',
      frameText('SEND', { destination: topic, transaction: 't' }),
      'not open',
    ],
    [
      'a position that makes no sense',
      frameText('SUBSCRIBE', { id: '1', destination: topic, offset: '1' }),
      'position',
    ],
  ])('%s is refused with an ERROR and a close [S03, S07, X01]', async (_title, text, words) => {
    await using client = await connected();
    expect(await errorOf(client, text)).toContain(words);
  });

  test('S05: a subscription id can be used once at a time', async () => {
    await using client = await connected();
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    await client.asked('UNSUBSCRIBE', { id: '1' });
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    expect(await errorOf(client, frameText('SUBSCRIBE', { id: '1', destination: '/topic/b' }))).toContain('in use');
  });

  test('S08: 1.0 subscribes and unsubscribes by destination, and its MESSAGEs name no subscription', async () => {
    await using client = await connected('1.0');
    await client.asked('SUBSCRIBE', { destination: topic });
    await client.asked('SEND', { destination: topic }, 'one');
    expect((await client.next('MESSAGE')).headers.get('subscription')).toBeUndefined();
    await client.asked('UNSUBSCRIBE', { destination: topic });
    await client.asked('SEND', { destination: topic }, 'two');
    await client.asked('SUBSCRIBE', { destination: topic, id: 'named' });
    await client.asked('SEND', { destination: topic }, 'three');
    const message = await client.next('MESSAGE');
    expect([message.body.toString(), message.headers.get('subscription')]).toEqual(['three', 'named']);
  });

  test('S09: after the receipt of UNSUBSCRIBE no MESSAGE of the subscription follows', async () => {
    await using client = await connected();
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    await client.asked('SUBSCRIBE', { id: '2', destination: topic });
    client.raw(
      frameText('SEND', { destination: topic }, 'before') +
        frameText('UNSUBSCRIBE', { id: '1', receipt: 'gone' }) +
        frameText('SEND', { destination: topic }, 'after'),
    );
    await client.until(() => client.received.some((frame) => frame.body.toString() === 'after'), 'the second message');
    const gone = client.received.findIndex((frame) => frame.headers.get('receipt-id') === 'gone');
    expect(client.received.slice(gone + 1).map((frame) => frame.headers.get('subscription'))).not.toContain('1');
  });

  test('S10: two subscriptions to one destination get two MESSAGEs', async () => {
    await using client = await connected();
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    await client.asked('SUBSCRIBE', { id: '2', destination: topic });
    await client.asked('SEND', { destination: topic });
    const ids = [await client.next('MESSAGE'), await client.next('MESSAGE')].map((m) => m.headers.get('subscription'));
    expect(ids.sort()).toEqual(['1', '2']);
  });

  test('R01, R02: a RECEIPT for each frame that asks, in the order asked on a broker in memory', async () => {
    await using client = await connected();
    const frames = Array.from({ length: 60 }, (_, i) => frameText('SEND', { destination: topic, receipt: `r${i}` }));
    client.raw(frames.join(''));
    for (let i = 0; i < 60; i++) expect((await client.next('RECEIPT')).headers.get('receipt-id')).toBe(`r${i}`);
  });
});

describe('acknowledgements', () => {
  async function deliveries(client: RawClient, ack: string, count: number) {
    await client.asked('SUBSCRIBE', { id: 's', destination: topic, ack });
    client.raw(Array.from({ length: count }, () => frameText('SEND', { destination: topic })).join(''));
    const headers = [];
    for (let i = 0; i < count; i++) headers.push((await client.next('MESSAGE')).headers);
    return headers;
  }

  test('A03, A05: client-individual settles one delivery by its ack header', async () => {
    await using client = await connected();
    const [first, second] = await deliveries(client, 'client-individual', 2);
    await client.asked('ACK', { id: second?.get('ack') ?? '' });
    await client.asked('NACK', { id: first?.get('ack') ?? '' });
    expect(await errorOf(client, frameText('ACK', { id: first?.get('ack') ?? '' }))).toContain('No delivery');
  });

  test('A04: client settles everything before it too, within its own subscription', async () => {
    await using client = await connected();
    const [first, second, third] = await deliveries(client, 'client', 3);
    await client.asked('ACK', { id: second?.get('ack') ?? '' });
    await client.asked('ACK', { id: third?.get('ack') ?? '' });
    expect(await errorOf(client, frameText('ACK', { id: first?.get('ack') ?? '' }))).toContain('No delivery');
  });

  test('A02: 1.1 acknowledges by message-id and subscription', async () => {
    await using client = await connected('1.1');
    const [only] = await deliveries(client, 'client', 1);
    expect(only?.get('ack')).toBeUndefined();
    await client.asked('ACK', { 'message-id': only?.get('message-id')?.replace(':', '\\c') ?? '', subscription: 's' });
  });

  test('A01, A07: 1.0 acknowledges by message-id alone and has no NACK', async () => {
    await using client = await connected('1.0');
    const [only] = await deliveries(client, 'client', 1);
    await client.asked('ACK', { 'message-id': only?.get('message-id') ?? '' });
    expect(await errorOf(client, frameText('NACK', { 'message-id': 'x' }))).toContain('NACK');
  });

  test('limit 19: nobody settles another session’s delivery', async () => {
    await using owner = await connected();
    const [only] = await deliveries(owner, 'client', 1);
    await using stranger = await connected();
    expect(await errorOf(stranger, frameText('ACK', { id: only?.get('ack') ?? '' }))).toContain('No delivery');
    await owner.asked('ACK', { id: only?.get('ack') ?? '' });
  });
});

describe('transactions', () => {
  test('T04: nothing is visible before COMMIT, then everything in its order', async () => {
    await using client = await connected();
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    await client.asked('BEGIN', { transaction: 't' });
    await client.asked('SEND', { destination: topic, transaction: 't' }, 'one');
    await client.asked('SEND', { destination: topic, transaction: 't' }, 'two');
    await client.asked('SEND', { destination: topic }, 'outside');
    expect(await client.bodies(1)).toEqual(['outside']);
    await client.asked('COMMIT', { transaction: 't' });
    expect(await client.bodies(2)).toEqual(['one', 'two']);
  });

  test('T04: after ABORT nothing of it ever is', async () => {
    await using client = await connected();
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    await client.asked('BEGIN', { transaction: 't' });
    await client.asked('SEND', { destination: topic, transaction: 't' }, 'never');
    await client.asked('ABORT', { transaction: 't' });
    await client.asked('SEND', { destination: topic }, 'marker');
    expect(await client.bodies(1)).toEqual(['marker']);
  });

  test('T02: a transaction cannot be begun twice', async () => {
    await using client = await connected();
    await client.asked('BEGIN', { transaction: 't' });
    expect(await errorOf(client, frameText('BEGIN', { transaction: 't' }))).toContain('already open');
  });

  test('T05: transactions of a session that leaves are aborted', async () => {
    await using other = await connected();
    await other.asked('SUBSCRIBE', { id: '1', destination: topic });
    await using client = await connected();
    await client.asked('BEGIN', { transaction: 't' });
    await client.asked('SEND', { destination: topic, transaction: 't' }, 'never');
    await client.asked('DISCONNECT');
    await other.asked('SEND', { destination: topic }, 'marker');
    expect(await other.bodies(1)).toEqual(['marker']);
  });
});
