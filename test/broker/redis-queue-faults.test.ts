import { describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { forEachTest } from '../services/lifetime.js';
import { requireService } from '../services/require-service.js';
import { messageFor } from './contract.js';
import { LoggingConsumer } from './queue-contract.js';
import { testQueueFaults } from './queue-fault-contract.js';
import { inRedis, redisStage } from './server-stages.js';

function marks(consumer: LoggingConsumer): boolean[] {
  return consumer.deliveries.map((delivery) => delivery.isRedelivered);
}

describe.runIf(requireService('redis-server', 'redis-server'))('queues in Redis with faults', () => {
  const stage = forEachTest(redisStage);

  async function publishAll(bodies: readonly string[]): Promise<void> {
    for (const body of bodies) await stage().other.publish(messageFor(stage().queue, body));
  }

  testQueueFaults(stage);

  test('consumers of two nodes take turns, and what one releases goes to the other', async () => {
    const { broker, other, queue } = stage();
    const [mine, theirs] = [new LoggingConsumer(queue), new LoggingConsumer(queue)];
    await broker.consume?.(mine);
    await other.consume?.(theirs);
    await publishAll(['0', '1', '2', '3']);
    await Promise.all([mine.count(2), theirs.count(2)]);
    expect([mine.bodies, theirs.bodies]).toEqual([
      ['0', '2'],
      ['1', '3'],
    ]);
    mine.at(0).release();
    await theirs.count(3);
    expect(theirs.bodies.at(-1)).toBe('0');
    expect(marks(theirs)).toEqual([false, false, true]);
  });

  test('what a node had when its connection was lost goes to another node, at its old place', async () => {
    const { broker, other, queue } = stage();
    const lost = new LoggingConsumer(queue, 3);
    await broker.consume?.(lost);
    await publishAll(['0', '1', '2', '3']);
    await lost.count(3);
    lost.at(1).accept();
    await lost.count(4);
    await stage().goesAway();
    const heir = new LoggingConsumer(queue);
    await other.consume?.(heir);
    await heir.count(3);
    expect(heir.bodies).toEqual(['0', '2', '3']);
    expect(marks(heir)).toEqual([true, true, true]);
    // Settled too late: they are the other's.
    for (const delivery of lost.deliveries) delivery.accept();
    broker.stopConsuming?.(lost);
    other.stopConsuming?.(heir);
    await stage().comesBack();
    const last = new LoggingConsumer(queue);
    await broker.consume?.(last);
    await last.count(3);
    expect(last.bodies).toEqual(['0', '2', '3']);
  });

  test('a node that lives on and whose lease ran out starts again, and has its share once more', async () => {
    const { broker, other, connections, link, queue } = stage();
    const before = link.connections;
    const [silent, heir] = [new LoggingConsumer(queue), new LoggingConsumer(queue)];
    await broker.consume?.(silent);
    await publishAll(['0', '1']);
    await silent.count(2);
    await other.consume?.(heir);
    const [given = ''] = await inRedis(stage(), (client) => client.keys('cluster-chat:queue-given:*'));
    const node = given.slice('cluster-chat:queue-given:'.length, given.lastIndexOf('.'));
    expect(await inRedis(stage(), (client) => client.del(`cluster-chat:queue-lease:${node}`))).toBe(1);
    // Back with the other node or, where the first was quicker, with the first under its new name.
    const again = () => heir.deliveries.length + silent.deliveries.length;
    expect(await waitUntil(() => again() === 4, { timeoutMs: 30_000 })).toBe(true);
    expect(new Set([...marks(heir), ...marks(silent).slice(2)])).toEqual(new Set([true]));
    // The other may have noticed first.
    expect(await waitUntil(() => link.connections >= before + connections, { timeoutMs: 30_000 })).toBe(true);
    await stage().becomes('ready');
    // Both take part again, each in its turn.
    const counts = [heir.deliveries.length, silent.deliveries.length] as const;
    await publishAll(['2', '3']);
    await Promise.all([heir.count(counts[0] + 1), silent.count(counts[1] + 1)]);
  });

  test('a Redis killed and started again with its data has every message and gives out what was not settled', async () => {
    const { broker, other, queue, server } = stage();
    const consumer = new LoggingConsumer(queue, 2);
    await broker.consume?.(consumer);
    await publishAll(['0', '1', '2']);
    await consumer.count(2);
    consumer.at(0).accept();
    await consumer.count(3);
    await server.kill();
    await stage().becomes('away');
    const held = broker.publish(messageFor(queue, 'held'));
    const late = new LoggingConsumer('/queue/late');
    const joined = broker.consume?.(late);
    await server.start('everything');
    await Promise.all([held, joined]);
    await consumer.count(5);
    expect(consumer.bodies.slice(3)).toEqual(['1', '2']);
    consumer.at(3).accept();
    await consumer.count(6);
    expect(consumer.bodies.at(-1)).toBe('held');
    expect(marks(consumer)).toEqual([false, false, false, true, true, false]);
    await stage().becomes('ready', other);
    await other.publish(messageFor('/queue/late', 'x'));
    await late.count(1);
  });

  test('a Redis that comes back empty has its consumers again', async () => {
    const { broker, link, other, queue, server } = stage();
    const consumer = new LoggingConsumer(queue, 1);
    await broker.consume?.(consumer);
    await publishAll(['gone']);
    await consumer.count(1);
    await server.kill();
    await server.start('nothing');
    const isBack = () => broker.status === 'ready' && other.status === 'ready' && link.connections >= 4;
    expect(await waitUntil(isBack, { timeoutMs: 30_000 })).toBe(true);
    await publishAll(['after']);
    await consumer.count(2);
    expect(consumer.bodies).toEqual(['gone', 'after']);
  });

  test('emptied behind the nodes’ backs it is noticed, and the consumers take part again', async () => {
    const { broker, link, queue } = stage();
    const consumer = new LoggingConsumer(queue);
    await broker.consume?.(consumer);
    const before = link.connections;
    await inRedis(stage(), (client) => client.flushall());
    expect(await waitUntil(() => link.connections >= before + 2, { timeoutMs: 30_000 })).toBe(true);
    await stage().becomes('ready');
    await publishAll(['after']);
    await consumer.count(1);
  });

  test('a paused Redis loses nothing; each message is settled once in the end', async () => {
    const { broker, other, queue, server } = stage();
    const consumer = new LoggingConsumer(queue, 5, (delivery) => delivery.accept());
    await broker.consume?.(consumer);
    await publishAll(['0']);
    const resume = await server.pause();
    const held = broker.publish(messageFor(queue, '1'));
    await stage().becomes('away');
    resume();
    await held;
    await stage().becomes('ready', other);
    await publishAll(['2']);
    expect(await waitUntil(() => new Set(consumer.bodies).size === 3, { timeoutMs: 30_000 })).toBe(true);
    const waiting = () => inRedis(stage(), (client) => client.exists(`cluster-chat:queue-messages:${queue}`));
    expect(await waitUntil(async () => (await waiting()) === 0, { timeoutMs: 30_000 })).toBe(true);
  });

  test('a node that closes gives back at once what it had, and nothing of it stays in Redis', async () => {
    const { broker, other, queue } = stage();
    const [leaving, heir] = [new LoggingConsumer(queue), new LoggingConsumer(queue, 100, (d) => d.accept())];
    await broker.consume?.(leaving);
    await publishAll(['0', '1']);
    await leaving.count(2);
    await other.consume?.(heir);
    await broker[Symbol.asyncDispose]();
    await heir.count(2);
    await other[Symbol.asyncDispose]();
    const lasting = new Set(['cluster-chat:queue-looked', 'cluster-chat:queues-bytes']);
    const left = async () =>
      (await inRedis(stage(), (client) => client.keys('cluster-chat:queue*'))).some((key) => !lasting.has(key));
    expect(await waitUntil(async () => !(await left()), { timeoutMs: 30_000 })).toBe(true);
    expect(await inRedis(stage(), (client) => client.get('cluster-chat:queues-bytes'))).toBe('0');
  });

  test('a queue and all queues together are bounded in bytes', async () => {
    const { broker, other, queue } = stage();
    const large = 'x'.repeat(4 * 1_048_576 - 100);
    await publishAll([large, large, large, large]);
    await expect(other.publish(messageFor(queue, large))).rejects.toThrow('The queue is full: 16777216 bytes.');
    for (let i = 0; i < 28; i++) await other.publish(messageFor(`/queue/large.${i >> 2}`, large));
    await expect(other.publish(messageFor('/queue/one-more', large))).rejects.toThrow('The queues are full');
    const consumer = new LoggingConsumer(queue, 1, (delivery) => delivery.accept());
    await broker.consume?.(consumer);
    await consumer.count(4);
    await other.publish(messageFor('/queue/one-more', large));
  });

  test('a node that is given more at once than Redis holds for a subscriber gets it all and is not cut off', async () => {
    const { broker, link, other } = stage();
    const large = 'x'.repeat(1_048_576 - 100);
    const queues = Array.from({ length: 6 }, (_, index) => `/queue/large.${index}`);
    for (const each of queues) for (let i = 0; i < 16; i++) await other.publish(messageFor(each, large));
    const before = link.connections;
    const consumers = queues.map((each) => new LoggingConsumer(each));
    await Promise.all(consumers.map((consumer) => broker.consume?.(consumer)));
    await Promise.all(consumers.map((consumer) => consumer.count(16)));
    expect(link.connections).toBe(before);
  });

  test('there are at most 1,000 queues, and one without messages and consumers is none', async () => {
    const { broker, other, queue } = stage();
    for (let i = 0; i < 1_000; i++) await other.publish(messageFor(`/queue/many.${i}`, 'x'));
    const refusal = 'The broker has 1000 queues already.';
    await expect(other.publish(messageFor(queue, 'x'))).rejects.toThrow(refusal);
    await expect(broker.consume?.(new LoggingConsumer(queue))).rejects.toThrow(refusal);
    const consumer = new LoggingConsumer('/queue/many.0', 1, (delivery) => delivery.accept());
    await broker.consume?.(consumer);
    await consumer.count(1);
    broker.stopConsuming?.(consumer);
    const count = () => inRedis(stage(), (client) => client.scard('cluster-chat:queues'));
    expect(await waitUntil(async () => (await count()) === 999, { timeoutMs: 30_000 })).toBe(true);
    await other.publish(messageFor(queue, 'x'));
  });

  test('a Redis whose memory is full refuses messages and lets those be settled that it has', async () => {
    const { broker, other, queue } = stage();
    const consumer = new LoggingConsumer(queue, 1);
    await broker.consume?.(consumer);
    await publishAll(['0', '1', '2']);
    await consumer.count(1);
    await inRedis(stage(), (client) => client.config('SET', 'maxmemory', '1'));
    await expect(other.publish(messageFor(queue, 'no room'))).rejects.toThrow('OOM');
    consumer.at(0).accept();
    await consumer.count(2);
    consumer.at(1).release();
    await consumer.count(3);
    expect(consumer.bodies).toEqual(['0', '1', '1']);
    expect(broker.status).toBe('ready');
  });

  test('what strangers send to the channel of a node reaches nobody and harms nothing', async () => {
    const { broker, queue } = stage();
    const consumer = new LoggingConsumer(queue);
    await broker.consume?.(consumer);
    await inRedis(stage(), async (client) => {
      const channels = (await client.pubsub('CHANNELS', 'cluster-chat:queue-node:*')) as string[];
      expect(channels).toHaveLength(1);
      for (const text of ['', 'not ours', '1 1 0\nnot ours', '99 1 0\n{}'])
        await client.publish(channels[0] ?? '', text);
    });
    await publishAll(['ours']);
    await consumer.count(1);
    expect(consumer.bodies).toEqual(['ours']);
  });

  test('a stranger who tells a node of messages before they are there costs none, and makes none come twice', async () => {
    const { broker, queue } = stage();
    const consumer = new LoggingConsumer(queue, 1_000);
    await broker.consume?.(consumer);
    const bodies = Array.from({ length: 200 }, (_, index) => `${index}`);
    await inRedis(stage(), async (client) => {
      const [channel = ''] = (await client.pubsub('CHANNELS', 'cluster-chat:queue-node:*')) as string[];
      for (const body of bodies)
        await Promise.all([client.publish(channel, `1 ${Number(body) + 1} 0`), publishAll([body])]);
    });
    await publishAll(['last']);
    await consumer.count(201);
    expect(new Set(consumer.bodies)).toEqual(new Set([...bodies, 'last']));
    expect(consumer.bodies).toHaveLength(201);
  });
});
