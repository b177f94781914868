import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../../src/broker/broker.js';
import { openBroker } from '../../../src/broker/open-broker.js';
import { waitUntil } from '../../../src/core/clock.js';
import { FrameHeaders } from '../../../src/stomp/frame.js';
import { RawClient } from '../../server/raw-client.js';
import { type RabbitmqServer, startRabbitmq } from '../../services/rabbitmq-server.js';
import { requireService } from '../../services/require-service.js';
import { EventLog, messageFor } from '../contract.js';
import { CuttableLink } from '../cuttable-link.js';

let topics = 0;
let topic: string;
let rabbitmq: RabbitmqServer;
let link: CuttableLink;
let log: EventLog;
let broker: Broker;

function openThrough(port: number, events: EventLog): Promise<Broker> {
  const address = `stomp://${rabbitmq.login}:${rabbitmq.passcode}@127.0.0.1:${port}?connections=shared`;
  return openBroker({ address, secret: undefined }, events);
}

async function becomes(status: Broker['status']): Promise<void> {
  expect(await waitUntil(() => broker.status === status, { timeoutMs: 30_000 })).toBe(true);
}

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ over one STOMP connection', () => {
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());
  beforeEach(async () => {
    topic = `/topic/faults.${++topics}`;
    link = await CuttableLink.open(rabbitmq.stompPort);
    log = new EventLog();
    broker = await openThrough(link.port, log);
  });
  afterEach(async () => {
    await broker[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
  });

  test('a publisher that is cut again and again loses nothing that it is told is there, and repeats nothing', async () => {
    const elsewhere = new EventLog();
    await using other = await openThrough(rabbitmq.stompPort, elsewhere);
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
  });

  test('messages of different topics, which RabbitMQ does not keep in one order, are all there', async () => {
    const many = Array.from({ length: 20 }, (_, index) => `${topic}.${index}`);
    await Promise.all(many.map((each) => broker.watch(each)));
    const sent = Array.from({ length: 1_000 }, (_, index) => messageFor(many[index % 20] ?? '', `${index}`));
    await Promise.all(sent.map((message) => broker.publish(message)));
    await log.count(1_000);
    expect(log.bodies.map(Number).sort((a, b) => a - b)).toEqual(sent.map((_, index) => index));
  });

  test('a node that was cut is told that something may be missing, and takes its interest up again', async () => {
    await broker.watch(topic);
    await using other = await openThrough(rabbitmq.stompPort, new EventLog());
    link.isBarred = true;
    link.cut();
    await becomes('away');
    await other.publish({ ...messageFor(topic, 'missed'), id: 'other:1' });
    link.isBarred = false;
    await becomes('ready');
    expect(log.gaps).toEqual([topic]);
    await other.publish({ ...messageFor(topic, 'later'), id: 'other:2' });
    await log.count(1);
    expect(log.bodies).toEqual(['later']);
  });

  test('paused, it is noticed as away; what was held is there once afterwards', async () => {
    await broker.watch(topic);
    const resume = await rabbitmq.pause();
    const first = broker.publish(messageFor(topic, 'one'));
    await becomes('away');
    const second = broker.publish(messageFor(topic, 'two'));
    resume();
    await Promise.all([first, second]);
    await log.count(2);
    expect(log.bodies).toEqual(['one', 'two']);
  }, 30_000);

  test('killed and started again: interest is in force before what was held is sent', async () => {
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

  test('headers too long for a header, and those that mean something to RabbitMQ, come back as they were', async () => {
    await broker.watch(topic);
    const headers = FrameHeaders.of({
      long: 'x'.repeat(20_000),
      expiration: 'never',
      priority: 'high',
      'reply-to': '/x',
    });
    const short = FrameHeaders.of({ expiration: 'never', priority: 'high', 'message-id': 'x', receipt: 'y' });
    for (const each of [headers, short]) await broker.publish({ ...messageFor(topic, 'body'), headers: each });
    await log.count(2);
    expect(log.messages.map((message) => [...message.headers])).toEqual([[...headers], [...short]]);
    expect(log.bodies).toEqual(['body', 'body']);
  });

  test('other programs read the plain body of our messages, and what they publish is taken as it is', async () => {
    await broker.watch(topic);
    await using other = await RawClient.overTcp(rabbitmq.stompPort);
    await other.connect('1.2', { login: rabbitmq.login, passcode: rabbitmq.passcode });
    await other.asked('SUBSCRIBE', { id: '1', destination: topic });
    await broker.publish({ ...messageFor(topic, 'ours'), headers: FrameHeaders.of({ 'content-type': 'text/plain' }) });
    const seen = await other.next('MESSAGE');
    expect(seen.body.toString()).toBe('ours');
    expect(seen.headers.get('content-type')).toBe('text/plain');
    other.send('SEND', { destination: topic, 'x-own': 'yes' }, 'theirs');
    await log.count(2);
    expect(log.messages[1]).toMatchObject({ destination: topic, position: undefined });
    expect(log.messages[1]?.headers.get('x-own')).toBe('yes');
    expect(log.messages[1]?.id).not.toBe('');
    expect(log.bodies).toEqual(['ours', 'theirs']);
  });

  test('a destination of several segments, which RabbitMQ refuses as it is, is carried all the same', async () => {
    const deep = `/chat/rooms/${topics}/messages`;
    await broker.watch(deep);
    await broker.publish(messageFor(deep, 'hello'));
    await log.count(1);
    expect(log.messages[0]?.destination).toBe(deep);
  });
});
