import { describe, expect, test } from 'vitest';
import { FrameHeaders } from '../../../src/stomp/frame.js';
import { RawClient } from '../../server/raw-client.js';
import { forEachTest, forSuite } from '../../services/lifetime.js';
import { startRabbitmq } from '../../services/rabbitmq-server.js';
import { requireService } from '../../services/require-service.js';
import { messageFor } from '../contract.js';
import { testFaults } from '../fault-contract.js';
import { stompStage } from '../server-stages.js';

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ over one STOMP connection', () => {
  const rabbitmq = forSuite(startRabbitmq);
  const stage = forEachTest(() => stompStage(rabbitmq()));

  testFaults({ stage, afterRestart: ['nothing'] });

  test('messages of different topics, which RabbitMQ does not keep in one order, are all there', async () => {
    const { broker, log, topic } = stage();
    const many = Array.from({ length: 20 }, (_, index) => `${topic}.${index}`);
    await Promise.all(many.map((each) => broker.watch(each)));
    const sent = Array.from({ length: 1_000 }, (_, index) => messageFor(many[index % 20] ?? '', `${index}`));
    await Promise.all(sent.map((message) => broker.publish(message)));
    await log.count(1_000);
    expect(log.bodies.map(Number).sort((a, b) => a - b)).toEqual(sent.map((_, index) => index));
  });

  test('headers too long for a header, and those that mean something to RabbitMQ, come back as they were', async () => {
    const { broker, log, topic } = stage();
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
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    await using other = await RawClient.overTcp(rabbitmq().stompPort);
    await other.connect('1.2', { login: rabbitmq().login, passcode: rabbitmq().passcode });
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
    const { broker, log } = stage();
    const deep = '/chat/rooms/1/messages';
    await broker.watch(deep);
    await broker.publish(messageFor(deep, 'hello'));
    await log.count(1);
    expect(log.messages[0]?.destination).toBe(deep);
  });
});
