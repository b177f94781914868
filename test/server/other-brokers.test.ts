import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import type { Frame } from '../../src/stomp/frame.js';
import { PieceProcess } from '../broker/piece-process.js';
import { type RabbitmqServer, startRabbitmq } from '../services/rabbitmq-server.js';
import { type RedisServer, startRedis } from '../services/redis-server.js';
import { requireService } from '../services/require-service.js';
import { frameText, RawClient } from './raw-client.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const disposable of open.splice(0).reverse()) await disposable[Symbol.asyncDispose]();
});

async function startNode(name: string, broker: string): Promise<PieceProcess> {
  const node = await PieceProcess.open(['node', '--name', name, '--port', '0'], { CLUSTER_CHAT_BROKER: broker });
  open.push(node);
  return node;
}

async function connected(node: PieceProcess): Promise<RawClient> {
  const client = await RawClient.overWebSocket(node.url);
  open.push(client);
  await client.connect();
  return client;
}

async function becomesReady(node: PieceProcess, status: number): Promise<void> {
  const isSo = async () => (await fetch(`http://127.0.0.1:${node.http}/ready`)).status === status;
  expect(await waitUntil(isSo, { timeoutMs: 30_000 })).toBe(true);
}

function positionIn(frame: Frame | undefined): { epoch: string; offset: string } {
  return { epoch: frame?.headers.get('epoch') ?? '', offset: frame?.headers.get('offset') ?? '' };
}

describe.runIf(requireService('redis-server', 'redis-server'))('two nodes on one Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test('a client of a node that is killed recovers on the other: nothing lost, nothing twice', async () => {
    const [first, second] = await Promise.all([startNode('node-1', redis.url), startNode('node-2', redis.url)]);
    const topic = '/topic/recovery';
    const reader = await connected(first);
    expect(positionIn(await reader.asked('SUBSCRIBE', { id: '1', destination: topic })).offset).toBe('0');
    const publisher = await connected(second);
    for (const body of ['one', 'two']) await publisher.asked('SEND', { destination: topic }, body);
    const seen = [await reader.next('MESSAGE'), await reader.next('MESSAGE')];
    expect(seen.map((frame) => frame.body.toString())).toEqual(['one', 'two']);
    await first.end('SIGKILL');
    for (const body of ['three', 'four']) await publisher.asked('SEND', { destination: topic }, body);
    const back = await connected(second);
    const since = positionIn(seen[1]);
    back.send('SUBSCRIBE', { id: '1', destination: topic, receipt: 'back', ...since });
    expect(await back.bodies(2)).toEqual(['three', 'four']);
    const receipt = await back.next('RECEIPT');
    expect(receipt.headers.get('recovered')).toBe('true');
    expect(positionIn(receipt)).toEqual({ epoch: since.epoch, offset: '4' });
    await publisher.asked('SEND', { destination: topic }, 'five');
    expect(await back.bodies(1)).toEqual(['five']);
  });

  test('a killed node loses no message of a queue: what was not acknowledged comes on the other, marked', async () => {
    const [first, second] = await Promise.all([startNode('node-1', redis.url), startNode('node-2', redis.url)]);
    const queue = '/queue/work';
    const consumer = await connected(first);
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client-individual' });
    const sender = await connected(second);
    for (const body of ['0', '1', '2', '3']) await sender.asked('SEND', { destination: queue }, body);
    const deliveries = [];
    for (let i = 0; i < 4; i++) deliveries.push(await consumer.next('MESSAGE'));
    await consumer.asked('ACK', { id: deliveries[1]?.headers.get('ack') ?? '' });
    const heir = await connected(second);
    await heir.asked('SUBSCRIBE', { id: '1', destination: queue });
    await first.end('SIGKILL');
    const again = [await heir.next('MESSAGE'), await heir.next('MESSAGE'), await heir.next('MESSAGE')];
    expect(again.map((frame) => frame.body.toString())).toEqual(['0', '2', '3']);
    expect(again.map((frame) => frame.headers.get('redelivered'))).toEqual(['true', 'true', 'true']);
    await sender.asked('SEND', { destination: queue }, 'after');
    expect(await heir.bodies(1)).toEqual(['after']);
  });

  test('a NACK and the loss of a session bring a message to a consumer of the other node', async () => {
    const [first, second] = await Promise.all([startNode('node-1', redis.url), startNode('node-2', redis.url)]);
    const queue = '/queue/given-back';
    const [nacking, lost, heir] = [await connected(first), await connected(first), await connected(second)];
    await nacking.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client' });
    // Without room for another, so that it is not its turn.
    await lost.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client', 'prefetch-count': '1' });
    for (const body of ['nacked', 'lost']) await heir.asked('SEND', { destination: queue }, body);
    const delivery = await nacking.next('MESSAGE');
    await lost.next('MESSAGE');
    await heir.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client' });
    await nacking.asked('NACK', { id: delivery.headers.get('ack') ?? '' });
    const again = [await heir.next('MESSAGE')];
    await nacking.asked('UNSUBSCRIBE', { id: '1' });
    await lost[Symbol.asyncDispose]();
    again.push(await heir.next('MESSAGE'));
    expect(again.map((frame) => frame.body.toString())).toEqual(['nacked', 'lost']);
    expect(again.map((frame) => frame.headers.get('redelivered'))).toEqual(['true', 'true']);
  });

  test('while Redis is away a node is not ready and holds the receipt; back without data it says recovered:false', async () => {
    const node = await startNode('node-1', redis.url);
    const topic = '/topic/away';
    const client = await connected(node);
    const since = positionIn(await client.asked('SUBSCRIBE', { id: '1', destination: topic }));
    await redis.kill();
    await becomesReady(node, 503);
    await expect(RawClient.overWebSocket(node.url)).rejects.toThrow('503');
    client.send('SEND', { destination: topic, receipt: 'held' }, 'held');
    client.send('BEGIN', { transaction: 't', receipt: 'begun' });
    // BEGIN needs no broker: its receipt shows that the SEND before it was seen and not answered.
    expect((await client.next('RECEIPT')).headers.get('receipt-id')).toBe('begun');
    await redis.restart({ empty: true });
    await becomesReady(node, 200);
    await client.until(() => client.received.length >= 4, 'the message and its receipt');
    const names = client.received.map((frame) => frame.headers.get('receipt-id') ?? frame.body.toString());
    expect(names.slice(2).sort()).toEqual(['held', 'held']);
    const other = await connected(node);
    const receipt = await other.asked('SUBSCRIBE', { id: '1', destination: topic, ...since });
    expect(receipt.headers.get('recovered')).toBe('false');
    expect(positionIn(receipt).epoch).not.toBe(since.epoch);
  });
});

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('two nodes on one RabbitMQ', () => {
  let rabbitmq: RabbitmqServer;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());

  test('what a client of one sends reaches the subscribers of the other; nobody is told recovered', async () => {
    const nodes = await Promise.all([startNode('node-1', rabbitmq.amqpUrl), startNode('node-2', rabbitmq.amqpUrl)]);
    const topic = '/topic/room.1';
    const reader = await connected(nodes[0]);
    const receipt = await reader.asked('SUBSCRIBE', { id: '1', destination: topic, epoch: 'some', offset: '1' });
    expect(receipt.headers.get('recovered')).toBe('false');
    const publisher = await connected(nodes[1]);
    for (let i = 0; i < 500; i++) publisher.send('SEND', { destination: topic }, `${i}`);
    await publisher.asked('SEND', { destination: topic }, 'last');
    expect(await reader.bodies(501)).toEqual([...Array.from({ length: 500 }, (_, i) => `${i}`), 'last']);
  });

  test('a queue: NACK and the kill of a node bring a message to a consumer on the other, marked redelivered', async () => {
    const nodes = await Promise.all([startNode('node-1', rabbitmq.amqpUrl), startNode('node-2', rabbitmq.amqpUrl)]);
    const queue = '/queue/work';
    const sender = await connected(nodes[1]);
    for (const body of ['nacked', 'open', 'acked']) await sender.asked('SEND', { destination: queue }, body);
    const consumer = await connected(nodes[0]);
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue, ack: 'client-individual' });
    const [nacked, , acked] = [
      await consumer.next('MESSAGE'),
      await consumer.next('MESSAGE'),
      await consumer.next('MESSAGE'),
    ];
    await consumer.asked('ACK', { id: acked.headers.get('ack') ?? '' });
    await sender.asked('SUBSCRIBE', { id: '1', destination: queue });
    await consumer.asked('NACK', { id: nacked.headers.get('ack') ?? '' });
    const again = await sender.next('MESSAGE');
    expect([again.body.toString(), again.headers.get('redelivered')]).toEqual(['nacked', 'true']);
    await nodes[0].end('SIGKILL');
    const orphan = await sender.next('MESSAGE');
    expect([orphan.body.toString(), orphan.headers.get('redelivered')]).toEqual(['open', 'true']);
    await sender.asked('SEND', { destination: queue }, 'marker');
    expect(await sender.bodies(1)).toEqual(['marker']);
  });

  test('a queue that is full refuses with an ERROR [S03], and gives all that it took', async () => {
    const node = await startNode('node-1', rabbitmq.amqpUrl);
    const queue = '/queue/full';
    const sender = await connected(node);
    for (let sent = 0; sent < 10_000; sent += 1_000)
      sender.raw(frameText('SEND', { destination: queue }).repeat(1_000));
    await sender.asked('BEGIN', { transaction: 't' });
    sender.send('SEND', { destination: queue, receipt: 'r' });
    const error = await sender.next('ERROR');
    expect(error.headers.get('message')).toContain('full');
    const consumer = await connected(node);
    await consumer.asked('SUBSCRIBE', { id: '1', destination: queue });
    expect(await consumer.bodies(10_000)).toHaveLength(10_000);
  });
});
