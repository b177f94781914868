import { describe, expect, test } from 'vitest';
import { MemoryBroker } from '../../src/broker/memory-broker.js';
import { forEachTest } from '../services/lifetime.js';
import { EventLog, messageFor } from './contract.js';
import { LoggingConsumer } from './queue-contract.js';
import { testQueueFaults } from './queue-fault-contract.js';
import { embeddedStage } from './server-stages.js';

describe('queues of the embedded broker with faults', () => {
  const stage = forEachTest(embeddedStage);

  testQueueFaults(stage);

  test('a consumer that asks while the broker is away waits for it', async () => {
    const { broker, queue, server } = stage();
    await server.kill();
    await stage().becomes('away');
    const consumer = new LoggingConsumer(queue);
    const joined = broker.consume?.(consumer);
    const published = broker.publish(messageFor(queue, 'held'));
    await server.start('nothing');
    await Promise.all([joined, published]);
    await consumer.count(1);
    expect(consumer.bodies).toEqual(['held']);
  });
});

const limits = { maxMessagesPerQueue: 10, maxBytesPerQueue: 100_000, maxBytes: 150_000, maxQueues: 3 };

test('each bound of the queues refuses, names itself, and gives way when there is room', async () => {
  await using memory = new MemoryBroker('simple', new EventLog(), { history: undefined, queueLimits: limits });
  const large = 'x'.repeat(90_000);
  await memory.publish(messageFor('/queue/a', large));
  await expect(memory.publish(messageFor('/queue/a', 'x'.repeat(15_000)))).rejects.toThrow(
    'The queue is full: 100000 bytes.',
  );
  await expect(memory.publish(messageFor('/queue/b', large))).rejects.toThrow('The queues are full: 150000 bytes.');
  const consumer = new LoggingConsumer('/queue/a', 1, (delivery) => delivery.accept());
  await memory.consume(consumer);
  await memory.publish(messageFor('/queue/b', large));
  memory.stopConsuming(consumer);
  for (let i = 0; i < 10; i++) await memory.publish(messageFor('/queue/a', 'x'));
  await expect(memory.publish(messageFor('/queue/a', 'x'))).rejects.toThrow('The queue is full: 10 messages.');
  await memory.publish(messageFor('/queue/c', 'x'));
  await expect(memory.publish(messageFor('/queue/d', 'x'))).rejects.toThrow('The broker has 3 queues already.');
  await expect(memory.consume(new LoggingConsumer('/queue/d'))).rejects.toThrow('The broker has 3 queues already.');
  // A queue that has neither messages nor consumers is none.
  const last = new LoggingConsumer('/queue/c', 1, (delivery) => delivery.accept());
  await memory.consume(last);
  memory.stopConsuming(last);
  await memory.publish(messageFor('/queue/d', 'x'));
});
