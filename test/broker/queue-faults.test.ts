import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.js';
import { MemoryBroker } from '../../src/broker/memory-broker.js';
import { openBroker } from '../../src/broker/open-broker.js';
import { waitUntil } from '../../src/core/clock.js';
import { EventLog, messageFor } from './contract.js';
import { CuttableLink } from './cuttable-link.js';
import { PieceProcess, processSecret } from './piece-process.js';
import { LoggingConsumer } from './queue-contract.js';

const queue = '/queue/faults';
let brokerProcess: PieceProcess;
let link: CuttableLink;
let broker: Broker;
beforeEach(async () => {
  brokerProcess = await PieceProcess.broker();
  link = await CuttableLink.open(brokerProcess.port);
  broker = await openBroker({ address: `embedded://127.0.0.1:${link.port}`, secret: processSecret }, new EventLog());
});
afterEach(async () => {
  await broker[Symbol.asyncDispose]();
  await link[Symbol.asyncDispose]();
  await brokerProcess[Symbol.asyncDispose]();
});

test('a connection cut again and again loses no message of a queue; what comes twice is marked', async () => {
  const consumer = new LoggingConsumer(queue, 50, (delivery) => delivery.accept());
  await broker.consume?.(consumer);
  const confirmed: Promise<void>[] = [];
  for (let i = 0; i < 900; i++) {
    confirmed.push(broker.publish(messageFor(queue, `${i}`)));
    if (i % 300 !== 150) continue;
    await consumer.count(i - 100);
    const before = link.connections;
    link.cut();
    expect(await waitUntil(() => link.connections > before, { timeoutMs: 30_000 })).toBe(true);
  }
  await Promise.all(confirmed);
  expect(await waitUntil(() => new Set(consumer.bodies).size === 900, { timeoutMs: 30_000 })).toBe(true);
  const seen = new Set<string>();
  for (const delivery of consumer.deliveries) {
    const body = delivery.message.body.toString();
    if (seen.has(body)) expect(delivery.isRedelivered).toBe(true);
    seen.add(body);
  }
});

test('what was delivered over a lost connection comes again, and settling the first delivery changes nothing', async () => {
  const consumer = new LoggingConsumer(queue);
  await broker.consume?.(consumer);
  await broker.publish(messageFor(queue, 'x'));
  await consumer.count(1);
  link.cut();
  await consumer.count(2);
  expect(consumer.at(1).isRedelivered).toBe(true);
  consumer.at(0).accept();
  consumer.at(0).release();
  consumer.at(1).accept();
  await broker.publish(messageFor(queue, 'y'));
  await consumer.count(3);
  expect(consumer.bodies).toEqual(['x', 'x', 'y']);
  expect(broker.status).toBe('ready');
});

test('a consumer that asks while the broker is away waits for it', async () => {
  await brokerProcess.end('SIGKILL');
  expect(await waitUntil(() => broker.status === 'away', { timeoutMs: 30_000 })).toBe(true);
  const consumer = new LoggingConsumer(queue);
  const joined = broker.consume?.(consumer);
  const published = broker.publish(messageFor(queue, 'held'));
  brokerProcess = await PieceProcess.broker(brokerProcess.port);
  await Promise.all([joined, published]);
  await consumer.count(1);
  expect(consumer.bodies).toEqual(['held']);
});

const limits = { maxMessagesPerQueue: 10, maxBytesPerQueue: 10_000, maxBytes: 15_000, maxQueues: 3 };

test('each bound of the queues refuses, names itself, and gives way when there is room', async () => {
  await using memory = new MemoryBroker('simple', new EventLog(), { history: false, queueLimits: limits });
  const large = 'x'.repeat(9_000);
  await memory.publish(messageFor('/queue/a', large));
  await expect(memory.publish(messageFor('/queue/a', 'x'.repeat(1_500)))).rejects.toThrow(
    'The queue is full: 10000 bytes.',
  );
  await expect(memory.publish(messageFor('/queue/b', large))).rejects.toThrow('The queues are full: 15000 bytes.');
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
