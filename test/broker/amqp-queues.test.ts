import { connect } from 'amqplib';
import { describe, expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.js';
import { openBroker } from '../../src/broker/open-broker.js';
import { forEachTest, forSuite } from '../services/lifetime.js';
import { startRabbitmq } from '../services/rabbitmq-server.js';
import { requireService } from '../services/require-service.js';
import { EventLog, messageFor } from './contract.js';
import { LoggingConsumer } from './queue-contract.js';
import { testQueueFaults } from './queue-fault-contract.js';
import { amqpStage } from './server-stages.js';

async function publishAll(broker: Broker, queue: string, bodies: readonly string[]): Promise<void> {
  await Promise.all(bodies.map((body) => broker.publish(messageFor(queue, body))));
}

const accepting = (queue: string) => new LoggingConsumer(queue, 10, (delivery) => delivery.accept());

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('queues on RabbitMQ over AMQP', () => {
  const rabbitmq = forSuite(startRabbitmq);
  const stage = forEachTest(() => amqpStage(rabbitmq()));

  testQueueFaults(stage);

  test('share their messages among the consumers of two nodes, in turn', async () => {
    const { broker: here, other: there, queue } = stage();
    const [first, second] = [accepting(queue), accepting(queue)];
    await here.consume?.(first);
    await there.consume?.(second);
    await publishAll(here, queue, ['0', '1', '2', '3']);
    await Promise.all([first.count(2), second.count(2)]);
    expect([first.bodies, second.bodies]).toEqual([
      ['0', '2'],
      ['1', '3'],
    ]);
  });

  test('give what a lost node had not settled to another, marked, and what it had settled to nobody', async () => {
    const { broker: lost, other: heir, link, queue } = stage();
    const consumer = new LoggingConsumer(queue);
    await lost.consume?.(consumer);
    await publishAll(heir, queue, ['done', 'open', 'also open']);
    await consumer.count(3);
    consumer.at(0).accept();
    // Answered after the ACK, over the same connection.
    await lost.publish(messageFor('/topic/marker', ''));
    link.isBarred = true;
    link.cut();
    const next = new LoggingConsumer(queue);
    await heir.consume?.(next);
    await next.count(2);
    expect(next.bodies).toEqual(['open', 'also open']);
    expect(next.deliveries.map((delivery) => delivery.isRedelivered)).toEqual([true, true]);
  });

  test('give what a node holds that has fallen silent to another', async () => {
    const { broker: silent, other: heir, link, queue } = stage();
    const consumer = new LoggingConsumer(queue);
    await silent.consume?.(consumer);
    await publishAll(heir, queue, ['held']);
    await consumer.count(1);
    link.isBarred = true;
    link.cutNearEnd();
    const next = new LoggingConsumer(queue);
    await heir.consume?.(next);
    await next.count(1);
    expect(next.at(0).isRedelivered).toBe(true);
  });

  test('and what is in them outlive RabbitMQ when it is killed, and consumers come back', async () => {
    const { broker, queue } = stage();
    const [kept, served] = [`${queue}.kept`, `${queue}.served`];
    await publishAll(broker, kept, ['one', 'two']);
    const consumer = accepting(served);
    await broker.consume?.(consumer);
    await rabbitmq().restart();
    await stage().becomes('ready');
    await publishAll(broker, served, ['served']);
    await consumer.count(1);
    const late = accepting(kept);
    await broker.consume?.(late);
    await late.count(2);
    expect(late.bodies).toEqual(['one', 'two']);
  });

  test('that somebody deleted in RabbitMQ are made again by the next message, in order', async () => {
    const { broker, queue } = stage();
    await publishAll(broker, queue, ['gone']);
    await rabbitmq().ctl('delete_queue', `cluster-chat.${queue}`);
    const bodies = Array.from({ length: 100 }, (_, index) => `${index}`);
    await publishAll(broker, queue, bodies);
    const consumer = accepting(queue);
    await broker.consume?.(consumer);
    await consumer.count(100);
    expect(consumer.bodies).toEqual(bodies);
  });

  test('that somebody made otherwise, or that are too long for RabbitMQ, are refused, and harm nobody', async () => {
    const { broker, queue } = stage();
    const model = await connect(rabbitmq().amqpUrl);
    const channel = await model.createChannel();
    await channel.assertQueue(`cluster-chat.${queue}`, { durable: false });
    await expect(broker.publish(messageFor(queue, ''))).rejects.toThrow('RabbitMQ refused the queue');
    await expect(broker.consume?.(new LoggingConsumer(queue))).rejects.toThrow('RabbitMQ refused the queue');
    await expect(broker.publish(messageFor(`/queue/${'x'.repeat(240)}`, ''))).rejects.toThrow('242 bytes');
    await channel.deleteQueue(`cluster-chat.${queue}`);
    await model.close();
    await publishAll(broker, queue, ['fine']);
    expect(broker.status).toBe('ready');
  });

  test('hand no consumer what others wrote into them, and go on', async () => {
    const { broker, queue } = stage();
    const consumer = accepting(queue);
    await broker.consume?.(consumer);
    const model = await connect(rabbitmq().amqpUrl);
    const channel = await model.createChannel();
    channel.sendToQueue(`cluster-chat.${queue}`, Buffer.from('not ours'));
    await model.close();
    await publishAll(broker, queue, ['ours']);
    await consumer.count(1);
    expect(consumer.bodies).toEqual(['ours']);
  });

  test('and topics need no more permissions than those for names that begin with cluster-chat', async () => {
    const only = '^cluster-chat';
    await rabbitmq().ctl('add_user', 'restricted', rabbitmq().passcode);
    await rabbitmq().ctl('set_permissions', 'restricted', only, only, only);
    const address = `amqp://restricted:${rabbitmq().passcode}@127.0.0.1:${rabbitmq().amqpPort}`;
    const log = new EventLog();
    await using broker = await openBroker({ address, secret: undefined }, log);
    const { queue } = stage();
    const consumer = accepting(queue);
    await broker.consume?.(consumer);
    await broker.watch('/topic/restricted');
    await publishAll(broker, queue, ['queue']);
    await broker.publish(messageFor('/topic/restricted', 'topic'));
    await Promise.all([consumer.count(1), log.count(1)]);
    expect([...consumer.bodies, ...log.bodies]).toEqual(['queue', 'topic']);
  });

  test('come to a node in a thousand at most', async () => {
    const { broker, queue: base } = stage();
    for (let i = 0; i < 1_000; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, j) => broker.publish(messageFor(`${base}.${i + j}`, ''))));
    }
    await expect(broker.publish(messageFor(`${base}.more`, ''))).rejects.toThrow('This node uses 1000 queues already');
    await publishAll(broker, `${base}.0`, ['more']);
  });
});
