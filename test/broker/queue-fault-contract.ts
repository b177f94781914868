import { expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { messageFor } from './contract.js';
import { type FaultStage, patience } from './fault-stage.js';
import { LoggingConsumer } from './queue-contract.js';

/**
 * What becomes of queues when the link to their broker is cut, which is the same wherever they live.
 *
 * @param stage that of the test which runs, opened and ended by hooks of the suite
 */
export function testQueueFaults(stage: () => FaultStage): void {
  test('a connection cut again and again loses no message of a queue; what comes twice is marked', async () => {
    const { broker, queue } = stage();
    const consumer = new LoggingConsumer(queue, 50, (delivery) => delivery.accept());
    await broker.consume?.(consumer);
    const confirmed: Promise<void>[] = [];
    for (let i = 0; i < 900; i++) {
      confirmed.push(broker.publish(messageFor(queue, `${i}`)));
      if (i % 300 !== 150) continue;
      await consumer.count(i - 100);
      await stage().cut();
    }
    await Promise.all(confirmed);
    expect(await waitUntil(() => new Set(consumer.bodies).size === 900, patience)).toBe(true);
    const seen = new Set<string>();
    for (const delivery of consumer.deliveries) {
      const body = delivery.message.body.toString();
      if (seen.has(body)) expect(delivery.isRedelivered).toBe(true);
      seen.add(body);
    }
  });

  test('a link that is lost while consumers are taken up over it is followed by the next', async () => {
    const { broker, queue } = stage();
    const consumers = Array.from(
      { length: 60 },
      (_, i) => new LoggingConsumer(`${queue}.${i}`, 10, (one) => one.accept()),
    );
    for (const consumer of consumers) await broker.consume?.(consumer);
    await stage().cutWhileTakenUp();
    await stage().othersSay(['later'], `${queue}.59`);
    expect(await waitUntil(() => consumers.at(-1)?.bodies.at(-1) === 'later', patience)).toBe(true);
  });

  test('what was delivered over a lost connection comes again, and settling the first delivery changes nothing', async () => {
    const { broker, link, queue } = stage();
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
