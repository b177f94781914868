import { expect, test } from 'vitest';
import { brokerTopic } from '../../../src/broker/relay/broker-topic.js';

test('a topic of one segment stays as it is, so that other programs share it', () => {
  expect(brokerTopic('/topic/room-1.public_messages')).toBe('/topic/room-1.public_messages');
});

test('everything else becomes one segment that RabbitMQ takes', () => {
  for (const destination of ['/topic/a/b', '/chat/room', '/user/eva_40/queue/x', `/topic/${'x'.repeat(240)}`]) {
    const topic = brokerTopic(destination);
    expect(topic).toMatch(/^\/topic\/cluster-chat\.[A-Za-z0-9._-]+$/);
    expect(topic.length).toBeLessThanOrEqual(200);
  }
  expect(brokerTopic('/chat/room_1')).toBe('/topic/cluster-chat._2fchat_2froom_5f1');
});

test('different destinations have different topics, also those that a client makes up to look encoded', () => {
  const honest = ['/user/eva/queue/x', '/user/ev/a/queue/x', '/chat/a_b', '/chat/a/b', '/chat/a.b', '/topic/a/b'];
  const long = ['a', 'b'].map((end) => `/user/${'x'.repeat(220)}/queue/${end}`);
  const all = [...honest, ...long];
  const faked = all.map(brokerTopic);
  const topics = [...all, ...faked].map(brokerTopic);
  expect(new Set(topics).size).toBe(topics.length);
});
