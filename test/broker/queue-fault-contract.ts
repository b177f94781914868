import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.js';
import { waitUntil } from '../../src/core/clock.js';
import { messageFor } from './contract.js';
import type { CuttableLink } from './cuttable-link.js';
import { LoggingConsumer } from './queue-contract.js';

/** A broker behind a link that can be cut. */
export interface QueueFaultSetUp extends AsyncDisposable {
  readonly broker: Broker;
  readonly link: CuttableLink;
}

/** What becomes of queues when the link to their broker is cut, which is the same wherever they live. */
export function testQueueFaults(open: () => Promise<QueueFaultSetUp>): void {
  let queues = 0;
  let queue: string;
  let setUp: QueueFaultSetUp;
  beforeEach(async () => {
    queue = `/queue/faults.${++queues}`;
    setUp = await open();
  });
  afterEach(() => setUp[Symbol.asyncDispose]());

  test('a connection cut again and again loses no message of a queue; what comes twice is marked', async () => {
    const { broker, link } = setUp;
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
    const { broker, link } = setUp;
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
}
