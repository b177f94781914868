import { describe, expect, test } from 'vitest';
import type { Broker, BrokerEvents, QueueConsumer, QueueDelivery } from '../../src/broker/broker.js';
import { EventLog, messageFor } from './contract.js';

/** A consumer that settles nothing by itself. */
export class LoggingConsumer implements QueueConsumer {
  readonly destination: string;
  readonly prefetch: number;
  readonly deliveries: QueueDelivery[] = [];
  refusal: string | undefined;
  readonly #onDelivery: (delivery: QueueDelivery) => void;
  #wakeUps: (() => void)[] = [];

  constructor(destination: string, prefetch = 100, onDelivery: (delivery: QueueDelivery) => void = () => {}) {
    this.destination = destination;
    this.prefetch = prefetch;
    this.#onDelivery = onDelivery;
  }

  deliver(delivery: QueueDelivery): void {
    this.deliveries.push(delivery);
    this.#onDelivery(delivery);
    for (const wakeUp of this.#wakeUps.splice(0)) wakeUp();
  }

  refused(reason: string): void {
    this.refusal = reason;
  }

  get bodies(): string[] {
    return this.deliveries.map((delivery) => delivery.message.body.toString());
  }

  /** The nth delivery; fails when it has not come. */
  at(index: number): QueueDelivery {
    const delivery = this.deliveries[index];
    if (delivery === undefined) throw new Error(`there are only ${this.deliveries.length} deliveries`);
    return delivery;
  }

  async count(wanted: number): Promise<void> {
    while (this.deliveries.length < wanted) await new Promise<void>((resolve) => this.#wakeUps.push(resolve));
  }
}

export interface QueueBrokerUnderTest {
  readonly title: string;
  readonly open: (events: BrokerEvents) => Promise<Broker>;
}

/** The suite of every broker that declares queues. */
export function testQueueContract({ title, open }: QueueBrokerUnderTest): void {
  let queues = 0;
  const newQueue = () => `/queue/contract.${title.replace(/\W/g, '')}.${++queues}`;
  const publishAll = async (broker: Broker, queue: string, bodies: readonly string[]) => {
    // In portions: a slow machine must not keep the last of many from being confirmed in time.
    for (let from = 0; from < bodies.length; from += 500) {
      await Promise.all(bodies.slice(from, from + 500).map((body) => broker.publish(messageFor(queue, body))));
    }
  };

  describe(`queues of ${title}`, () => {
    test('keep messages while nobody listens, in their order and whole', async () => {
      await using broker = await open(new EventLog());
      const queue = newQueue();
      await broker.publish(messageFor(queue, 'first', { kept: 'a\n:\\b', redelivered: 'mine' }));
      await publishAll(broker, queue, ['second', 'third']);
      const consumer = new LoggingConsumer(queue);
      await broker.consume?.(consumer);
      await consumer.count(3);
      expect(consumer.bodies).toEqual(['first', 'second', 'third']);
      expect(consumer.at(0).message.headers.get('kept')).toBe('a\n:\\b');
      expect(consumer.at(0).message.position).toBeUndefined();
      expect(consumer.deliveries.map((delivery) => delivery.isRedelivered)).toEqual([false, false, false]);
    });

    test('give each message to one consumer, in turn', async () => {
      await using broker = await open(new EventLog());
      const queue = newQueue();
      const consumers = [0, 1, 2].map(() => new LoggingConsumer(queue, 100, (delivery) => delivery.accept()));
      for (const consumer of consumers) await broker.consume?.(consumer);
      await publishAll(broker, queue, ['0', '1', '2', '3', '4', '5', '6', '7', '8']);
      await Promise.all(consumers.map((consumer) => consumer.count(3)));
      expect(consumers.map((consumer) => consumer.bodies)).toEqual([
        ['0', '3', '6'],
        ['1', '4', '7'],
        ['2', '5', '8'],
      ]);
    });

    test('bring no more than the prefetch before something is settled', async () => {
      await using broker = await open(new EventLog());
      const queue = newQueue();
      const [slow, quick] = [new LoggingConsumer(queue, 1), new LoggingConsumer(queue, 1, (d) => d.accept())];
      await broker.consume?.(slow);
      await publishAll(broker, queue, ['0', '1', '2', '3']);
      await slow.count(1);
      await broker.consume?.(quick);
      await quick.count(3);
      expect(slow.bodies).toEqual(['0']);
      slow.at(0).accept();
      await publishAll(broker, queue, ['4', '5']);
      await slow.count(2);
      await quick.count(4);
    });

    test('give a released message to another consumer, marked, at its old place', async () => {
      await using broker = await open(new EventLog());
      const queue = newQueue();
      const [first, second] = [new LoggingConsumer(queue, 2), new LoggingConsumer(queue, 10)];
      await broker.consume?.(first);
      await publishAll(broker, queue, ['0', '1', '2']);
      await first.count(2);
      await broker.consume?.(second);
      await second.count(1);
      first.at(1).release();
      await second.count(2);
      expect(second.bodies).toEqual(['2', '1']);
      expect(second.deliveries.map((delivery) => delivery.isRedelivered)).toEqual([false, true]);
      // Alone again, it gets its own message back.
      broker.stopConsuming?.(second);
      await first.count(3);
      expect(first.bodies.slice(2)).toEqual(['1']);
    });

    test('take back everything that an ended consumer had not settled, before all younger messages', async () => {
      await using broker = await open(new EventLog());
      const queue = newQueue();
      const gone = new LoggingConsumer(queue, 3);
      await broker.consume?.(gone);
      await publishAll(broker, queue, ['0', '1', '2', '3', '4']);
      await gone.count(3);
      gone.at(1).accept();
      await gone.count(4);
      broker.stopConsuming?.(gone);
      // Too late: the queue has them again.
      for (const delivery of gone.deliveries) delivery.accept();
      const heir = new LoggingConsumer(queue);
      await broker.consume?.(heir);
      await heir.count(4);
      expect(heir.bodies).toEqual(['0', '2', '3', '4']);
      expect(heir.deliveries.map((delivery) => delivery.isRedelivered)).toEqual([true, true, true, false]);
    });

    test('refuse what exceeds 10,000 messages, also when it is sent again, and take more once there is room', async () => {
      await using broker = await open(new EventLog());
      const queue = newQueue();
      await publishAll(
        broker,
        queue,
        Array.from({ length: 10_000 }, (_, index) => `${index}`),
      );
      const refused = messageFor(queue, 'too many');
      await expect(broker.publish(refused)).rejects.toThrow('full');
      const consumer = new LoggingConsumer(queue, 10, (delivery) => delivery.accept());
      await broker.consume?.(consumer);
      await consumer.count(10_000);
      await expect(broker.publish(refused)).rejects.toThrow();
      await publishAll(broker, queue, ['room']);
      await consumer.count(10_001);
      expect(consumer.bodies.at(-1)).toBe('room');
    });

    test('know a repeated publish by its id', async () => {
      await using broker = await open(new EventLog());
      const queue = newQueue();
      const consumer = new LoggingConsumer(queue);
      await broker.consume?.(consumer);
      const message = messageFor(queue, 'once');
      for (let i = 0; i < 2; i++) await broker.publish(message);
      await publishAll(broker, queue, ['marker']);
      await consumer.count(2);
      expect(consumer.bodies).toEqual(['once', 'marker']);
    });
  });
}
