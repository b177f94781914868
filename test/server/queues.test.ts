import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Guarantees } from '../../src/broker/broker.js';
import { MemoryBroker } from '../../src/broker/memory-broker.js';
import { waitUntil } from '../../src/core/clock.js';
import { CoreServer } from '../../src/server/core-server.js';
import { defaultServerLimits } from '../../src/server/limits.js';
import { listen } from '../../src/server/listening.js';
import { createTcpListener } from '../../src/server/tcp-listener.js';
import type { Frame } from '../../src/stomp/frame.js';
import { CuttableLink } from '../broker/cuttable-link.js';
import { PieceProcess } from '../broker/piece-process.js';
import { frameText, RawClient } from './raw-client.js';
import { TestCluster } from './test-cluster.js';
import { openTestNode } from './test-node.js';

const queue = '/queue/work';

async function sendAll(client: RawClient, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) await client.asked('SEND', { destination: queue }, body);
}

/** Without receipts, many in one WebSocket message, but not more than one may hold. */
function sendMany(client: RawClient, count: number): void {
  for (let sent = 0; sent < count; sent += 1_000) {
    client.raw(frameText('SEND', { destination: queue }).repeat(Math.min(1_000, count - sent)));
  }
}

function bodiesOf(client: RawClient): string[] {
  return client.received.filter((frame) => frame.command === 'MESSAGE').map((frame) => frame.body.toString());
}

function ackOf(frame: Frame): string {
  return frame.headers.get('ack') ?? '';
}

describe('a queue across two nodes', () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.open(2);
  });
  afterEach(() => cluster[Symbol.asyncDispose]());

  test('gives each message to one of the consumers of all nodes, in turn', async () => {
    const consumers = [await cluster.client(0), await cluster.client(1), await cluster.client(1)];
    for (const consumer of consumers) await consumer.asked('SUBSCRIBE', { id: '1', destination: queue });
    const bodies = Array.from({ length: 30 }, (_, index) => `${index}`);
    await sendAll(await cluster.client(0), bodies);
    for (const consumer of consumers) await consumer.until(() => bodiesOf(consumer).length === 10, '10 messages');
    expect(consumers.flatMap(bodiesOf).sort()).toEqual([...bodies].sort());
    // In turn: each got every third one.
    expect(bodiesOf(consumers[0] as RawClient)).toEqual(bodies.filter((body) => Number(body) % 3 === 0));
  });

  test('keeps messages while nobody listens; MESSAGE has no position and is not marked', async () => {
    await sendAll(await cluster.client(0), ['one', 'two']);
    const consumer = await cluster.client(1);
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue });
    const { headers } = await consumer.next('MESSAGE');
    expect(headers.get('destination')).toBe(queue);
    for (const name of ['epoch', 'offset', 'redelivered', 'ack']) expect(headers.get(name)).toBeUndefined();
    expect(await consumer.bodies(1)).toEqual(['two']);
  });

  test('A07: NACK brings a message to a consumer on another node, marked redelivered', async () => {
    const [first, second] = [await cluster.client(0), await cluster.client(1)];
    await first.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client-individual' });
    await sendAll(first, ['work']);
    const delivery = await first.next('MESSAGE');
    await second.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client' });
    await first.asked('NACK', { id: ackOf(delivery) });
    const again = await second.next('MESSAGE');
    expect(again.body.toString()).toBe('work');
    expect(again.headers.get('redelivered')).toBe('true');
    expect(again.headers.get('message-id')).toBe(delivery.headers.get('message-id'));
  });

  test('A06: what a lost session had not acknowledged goes to another node, what it had does not', async () => {
    const lost = await cluster.client(0);
    await lost.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client-individual' });
    const sender = await cluster.client(1);
    await sendAll(sender, ['acknowledged', 'open', 'nacked in a transaction']);
    const deliveries = [await lost.next('MESSAGE'), await lost.next('MESSAGE'), await lost.next('MESSAGE')];
    await lost.asked('ACK', { id: ackOf(deliveries[0] as Frame) });
    await lost[Symbol.asyncDispose]();
    await sender.asked('SUBSCRIBE', { id: '1', destination: queue });
    expect(await sender.bodies(2)).toEqual(['open', 'nacked in a transaction']);
    await sendAll(sender, ['marker']);
    expect(await sender.bodies(1)).toEqual(['marker']);
  });

  test('T04: an ACK in a transaction counts with COMMIT and not with ABORT', async () => {
    const consumer = await cluster.client(0);
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client-individual' });
    await sendAll(consumer, ['aborted', 'committed']);
    const [aborted, committed] = [await consumer.next('MESSAGE'), await consumer.next('MESSAGE')];
    for (const [transaction, delivery, end] of [
      ['a', aborted, 'ABORT'],
      ['c', committed, 'COMMIT'],
    ] as const) {
      await consumer.asked('BEGIN', { transaction });
      await consumer.asked('ACK', { id: ackOf(delivery), transaction });
      await consumer.asked(end, { transaction });
    }
    await consumer.asked('UNSUBSCRIBE', { id: '1' });
    await consumer.asked('SUBSCRIBE', { id: '2', destination: queue });
    await sendAll(consumer, ['marker']);
    expect(await consumer.bodies(2)).toEqual(['aborted', 'marker']);
  });

  test('brings a client no more than its prefetch-count, and the rest to others', async () => {
    const [busy, idle] = [await cluster.client(0), await cluster.client(1)];
    await busy.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client', 'prefetch-count': '2' });
    await sendAll(busy, ['0', '1', '2', '3']);
    await idle.asked('SUBSCRIBE', { id: '1', destination: queue });
    expect(await idle.bodies(2)).toEqual(['2', '3']);
    const [, second] = [await busy.next('MESSAGE'), await busy.next('MESSAGE')];
    // A04: cumulative, so that both count.
    await busy.asked('ACK', { id: ackOf(second) });
    await sendAll(idle, ['4', '5', '6', '7']);
    await busy.until(() => bodiesOf(busy).length === 4, 'two more');
  });

  test('a consumer that does not read gets what it reads and is not cut off; the rest waits for it', async () => {
    const consumer = await cluster.client(0);
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue, 'prefetch-count': '1000' });
    consumer.pause();
    const sender = await cluster.client(1);
    const body = 'x'.repeat(60_000);
    for (let i = 0; i < 200; i++) await sender.asked('SEND', { destination: queue }, body);
    consumer.resume();
    await consumer.until(() => bodiesOf(consumer).length === 200, 'all 200 messages');
  });
});

describe('a queue', () => {
  test('on a node of its own refuses with an ERROR what it has no room for [S03]', async () => {
    await using node = await openTestNode();
    await using client = await RawClient.overWebSocket(node.url);
    await client.connect();
    sendMany(client, 10_000);
    await client.asked('BEGIN', { transaction: 't' });
    client.send('SEND', { destination: queue, receipt: 'r' });
    const error = await client.next('ERROR');
    expect(error.headers.get('message')).toContain('full');
    expect(error.headers.get('receipt-id')).toBe('r');
    expect((await client.ended).code).toBe(1013);
  });

  test('that is full refuses one sender and leaves the node’s other sessions alone', async () => {
    await using cluster = await TestCluster.open(1);
    const other = await cluster.client(0);
    await other.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
    const client = await cluster.client(0);
    sendMany(client, 10_001);
    expect((await client.next('ERROR')).headers.get('message')).toContain('full');
    await client.ended;
    await other.asked('SEND', { destination: '/topic/a' }, 'alive');
    expect(await other.bodies(1)).toEqual(['alive']);
    expect(await (await fetch(`http://127.0.0.1:${cluster.broker.httpPort}/metrics`)).text()).toContain(
      'cluster_chat_connections_total{node="broker"} 1\n',
    );
  });

  for (const [title, headers, words] of [
    ['a position', { epoch: 'e', offset: '1' }, 'no positions'],
    ['a prefetch-count of 0', { 'prefetch-count': '0' }, 'prefetch-count'],
    ['a prefetch-count that is too large', { 'prefetch-count': '1001' }, 'prefetch-count'],
    ['no name', { destination: '/queue' }, 'names no queue'],
  ] as const) {
    test(`is not subscribed to with ${title} [S07]`, async () => {
      await using node = await openTestNode();
      await using client = await RawClient.overWebSocket(node.url);
      await client.connect();
      client.send('SUBSCRIBE', { id: '1', destination: queue, ...headers });
      expect((await client.next('ERROR')).headers.get('message')).toContain(words);
    });
  }
});

/** A broker as those that keep no queues are: it says nothing of them. */
class BrokerWithoutQueues extends MemoryBroker {
  override readonly guarantees: Guarantees = {
    delivery: 'at-most-once',
    order: 'per-publisher',
    history: 'none',
    reach: 'node',
  };
}

for (const command of ['SEND', 'SUBSCRIBE']) {
  test(`${command} to a queue is refused with an ERROR where the broker keeps none`, async () => {
    const limits = defaultServerLimits;
    await using core = await CoreServer.open({
      name: 'node-1',
      version: '0.0.0',
      limits,
      trustsMessageIds: false,
      credential: undefined,
      openBroker: async (events) => new BrokerWithoutQueues('other', events, { history: undefined }),
    });
    const listener = createTcpListener(core.sessions, limits);
    const port = await listen(listener, '127.0.0.1', 0);
    await using client = await RawClient.overTcp(port);
    await client.connect();
    client.send(command, { id: '1', destination: queue, receipt: 'r' });
    const { headers } = await client.next('ERROR');
    expect(headers.get('message')).toBe('The broker other keeps no queues.');
    expect(headers.get('receipt-id')).toBe('r');
    await client.ended;
    listener.close();
  });
}

describe('when a process dies', () => {
  const pieces: AsyncDisposable[] = [];
  const clients: RawClient[] = [];
  afterEach(async () => {
    for (const client of clients.splice(0)) await client[Symbol.asyncDispose]();
    for (const piece of pieces.splice(0)) await piece[Symbol.asyncDispose]();
  });

  async function openCluster() {
    const broker = await PieceProcess.broker();
    const nodes = [
      await PieceProcess.node('node-1', broker.port),
      await PieceProcess.node('node-2', broker.port),
    ] as const;
    pieces.push(...nodes, broker);
    return { broker, nodes };
  }

  async function connected(node: PieceProcess): Promise<RawClient> {
    const client = await RawClient.overWebSocket(node.url);
    clients.push(client);
    await client.connect();
    return client;
  }

  test('A06: a killed node loses no message of a queue: all that was not acknowledged comes elsewhere, marked', async () => {
    const { nodes } = await openCluster();
    const consumer = await connected(nodes[0]);
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client' });
    const sender = await connected(nodes[1]);
    await sendAll(sender, ['0', '1', '2', '3', '4']);
    await consumer.until(() => bodiesOf(consumer).length === 5, 'all five');
    await nodes[0].end('SIGKILL');
    await sender.asked('SUBSCRIBE', { id: '1', destination: queue });
    await sender.until(() => bodiesOf(sender).length === 5, 'all five again');
    expect(bodiesOf(sender)).toEqual(['0', '1', '2', '3', '4']);
    const messages = sender.received.filter((frame) => frame.command === 'MESSAGE');
    expect(messages.map((frame) => frame.headers.get('redelivered'))).toEqual(Array(5).fill('true'));
  });

  test('A08: a client of 1.1 may acknowledge each copy of a message that came again under its id', async () => {
    const broker = await PieceProcess.broker();
    const link = await CuttableLink.open(broker.port);
    const node = await PieceProcess.node('node-1', link.port);
    pieces.push(node, link, broker);
    const consumer = await RawClient.overWebSocket(node.url);
    clients.push(consumer);
    await consumer.connect('1.1');
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client-individual' });
    await sendAll(consumer, ['twice']);
    await consumer.until(() => bodiesOf(consumer).length === 1, 'the message');
    link.cut();
    await consumer.until(() => bodiesOf(consumer).length === 2, 'the message again');
    const [first] = consumer.received.filter((frame) => frame.command === 'MESSAGE');
    const settled = { subscription: '1', 'message-id': first?.headers.get('message-id') ?? '' };
    await consumer.asked('ACK', settled);
    await consumer.asked('ACK', settled);
    consumer.send('ACK', settled);
    await consumer.ended;
    expect(consumer.received.at(-1)?.headers.get('message')).toContain('acknowledgement');
  });

  test('a broker that comes back has the consumers again; an acknowledgement of an earlier life is taken', async () => {
    const { broker, nodes } = await openCluster();
    const consumer = await connected(nodes[0]);
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client-individual' });
    await sendAll(consumer, ['before']);
    const before = await consumer.next('MESSAGE');
    await broker.end('SIGKILL');
    const revived = await PieceProcess.broker(broker.port);
    pieces.push(revived);
    const isReady = async () => (await fetch(`http://127.0.0.1:${nodes[1].http}/ready`)).status === 200;
    expect(await waitUntil(isReady, { timeoutMs: 30_000 })).toBe(true);
    await consumer.asked('ACK', { id: ackOf(before) });
    await sendAll(await connected(nodes[1]), ['after']);
    expect(await consumer.bodies(1)).toEqual(['after']);
  });
});
