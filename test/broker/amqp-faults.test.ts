import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.js';
import { openBroker } from '../../src/broker/open-broker.js';
import { waitUntil } from '../../src/core/clock.js';
import { type RabbitmqServer, startRabbitmq } from '../services/rabbitmq-server.js';
import { requireService } from '../services/require-service.js';
import { EventLog, messageFor } from './contract.js';
import { CuttableLink } from './cuttable-link.js';

let topics = 0;
let topic: string;
let rabbitmq: RabbitmqServer;
let link: CuttableLink;
let log: EventLog;
let broker: Broker;

function openThrough(port: number, events: EventLog): Promise<Broker> {
  const address = `amqp://${rabbitmq.login}:${rabbitmq.passcode}@127.0.0.1:${port}`;
  return openBroker({ address, secret: undefined }, events);
}

async function becomes(status: Broker['status']): Promise<void> {
  expect(await waitUntil(() => broker.status === status, { timeoutMs: 30_000 })).toBe(true);
}

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ over AMQP with faults', () => {
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());
  beforeEach(async () => {
    topic = `/topic/faults.${++topics}`;
    link = await CuttableLink.open(rabbitmq.amqpPort);
    log = new EventLog();
    broker = await openThrough(link.port, log);
  });
  afterEach(async () => {
    await broker[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
  });

  test('a publisher that is cut again and again loses nothing that it is told is there, and repeats nothing', async () => {
    const elsewhere = new EventLog();
    await using other = await openThrough(rabbitmq.amqpPort, elsewhere);
    await other.watch(topic);
    const numbers = Array.from({ length: 900 }, (_, index) => `${index}`);
    const confirmed: Promise<void>[] = [];
    for (const text of numbers) {
      confirmed.push(broker.publish(messageFor(topic, text)));
      if (Number(text) % 300 === 150) {
        await elsewhere.count(Number(text) - 100);
        const before = link.connections;
        link.cut();
        expect(await waitUntil(() => link.connections > before, { timeoutMs: 30_000 })).toBe(true);
      }
    }
    await Promise.all(confirmed);
    await elsewhere.count(numbers.length);
    expect(elsewhere.bodies).toEqual(numbers);
    expect(elsewhere.gaps).toEqual([]);
    expect(link.connections).toBe(4);
  });

  test('paused, it is noticed as away; what was held is there once afterwards', async () => {
    await broker.watch(topic);
    const resume = await rabbitmq.pause();
    const confirmed: string[] = [];
    const first = broker.publish(messageFor(topic, 'one')).then(() => confirmed.push('one'));
    await becomes('away');
    const second = broker.publish(messageFor(topic, 'two')).then(() => confirmed.push('two'));
    expect(confirmed).toEqual([]);
    resume();
    await Promise.all([first, second]);
    await log.count(2);
    expect(log.bodies).toEqual(['one', 'two']);
  });

  test('killed and started again: topology comes back, and interest is in force before what was held is sent', async () => {
    await broker.watch(topic);
    await broker.publish(messageFor(topic, 'before'));
    await log.count(1);
    await rabbitmq.kill();
    await becomes('away');
    await rabbitmq.start();
    const settled: string[] = [];
    const held = broker.publish(messageFor(topic, 'held')).then(() => settled.push('publish'));
    const fresh = broker.watch(`${topic}.new`).then(() => settled.push('watch'));
    await Promise.all([held, fresh]);
    expect(settled).toEqual(['watch', 'publish']);
    await log.count(2);
    expect(log.bodies).toEqual(['before', 'held']);
    expect(log.gaps).toEqual([topic]);
  });

  test('a destination that is longer than a routing key may be is refused, and harms nobody', async () => {
    await expect(broker.publish(messageFor(`/topic/${'x'.repeat(300)}`, ''))).rejects.toThrow('255 bytes');
    await broker.publish(messageFor(topic, 'fine'));
    expect(broker.status).toBe('ready');
  });
});
