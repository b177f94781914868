import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../../src/core/clock.js';
import { type RabbitmqServer, startRabbitmq } from '../../services/rabbitmq-server.js';
import { requireService } from '../../services/require-service.js';
import { RelayCluster } from './relay-cluster.js';
import { ackOf, newName, testRelay } from './suite.js';

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ', () => {
  let rabbitmq: RabbitmqServer;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());

  testRelay('sessions with a connection each', () => rabbitmq.stompUrl, /^RabbitMQ\//);

  describe('what only such a broker has', () => {
    let cluster: RelayCluster;
    beforeEach(async () => {
      cluster = await RelayCluster.open(rabbitmq.stompUrl);
    });
    afterEach(() => cluster[Symbol.asyncDispose]());

    test('a request with reply-to a temporary queue is answered over the other node', async () => {
      const destination = `/queue/${newName()}`;
      const [asking, answering] = [await cluster.client(0), await cluster.client(1)];
      await answering.asked('SUBSCRIBE', { id: '1', destination });
      await asking.asked('SEND', { destination, 'reply-to': '/temp-queue/answers' }, 'question');
      const question = await answering.next('MESSAGE');
      await answering.asked('SEND', { destination: question.headers.get('reply-to') ?? '' }, 'answer');
      const answer = await asking.next('MESSAGE');
      expect(answer.body.toString()).toBe('answer');
      expect(answer.headers.get('subscription')).toBe('/temp-queue/answers');
    });

    test('a durable subscription keeps what was said while its client was away, whichever node it comes back to', async () => {
      const destination = `/topic/${newName()}`;
      const durable = { id: `durable-${newName()}`, destination, durable: 'true', 'auto-delete': 'false' };
      const before = await cluster.client(0);
      await before.asked('SUBSCRIBE', durable);
      before.send('DISCONNECT', { receipt: 'bye' });
      await before.ended;
      const publisher = await cluster.client(0);
      for (const body of ['one', 'two']) await publisher.asked('SEND', { destination }, body);
      const after = await cluster.client(1);
      await after.asked('SUBSCRIBE', durable);
      expect(await after.bodies(2)).toEqual(['one', 'two']);
    });

    test('an exchange, and a destination that comes back under another name', async () => {
      const name = newName();
      const reader = await cluster.client(0);
      await reader.asked('SUBSCRIBE', { id: '1', destination: `/exchange/amq.topic/${name}` });
      await (await cluster.client(1)).asked('SEND', { destination: `/exchange/amq.topic/${name}` }, 'x');
      expect((await reader.next('MESSAGE')).headers.get('destination')).toBe(`/topic/${name}`);
    });

    test('a topic with a slash is refused in the words of RabbitMQ', async () => {
      const client = await cluster.client(0);
      client.send('SUBSCRIBE', { id: '1', destination: '/topic/a/b' });
      const error = await client.next('ERROR');
      expect(error.body.toString()).toContain('is not a valid topic destination');
      expect((await client.ended).code).toBe(1002);
    });

    test('an acknowledgement within a transaction that is aborted is none', async () => {
      const destination = `/queue/${newName()}`;
      const client = await cluster.client(0);
      await client.asked('SEND', { destination }, 'x');
      await client.asked('SUBSCRIBE', { id: '1', destination, ack: 'client-individual' });
      const delivery = await client.next('MESSAGE');
      await client.asked('BEGIN', { transaction: 't' });
      await client.asked('ACK', { id: ackOf(delivery), transaction: 't' });
      await client.asked('ABORT', { transaction: 't' });
      client.send('DISCONNECT', {});
      await client.ended;
      const other = await cluster.client(1);
      await other.asked('SUBSCRIBE', { id: '1', destination });
      expect((await other.next('MESSAGE')).headers.get('redelivered')).toBe('true');
    });

    test('killed: each session is told and closed, CONNECT is refused in STOMP, and all is well when it is back', async () => {
      const client = await cluster.client(0);
      await client.asked('SUBSCRIBE', { id: '1', destination: `/topic/${newName()}` });
      const late = await cluster.socket(0);
      await rabbitmq.kill();
      expect((await client.next('ERROR')).headers.get('message')).toBe('Connection to broker closed.');
      expect((await client.ended).code).toBe(1002);
      expect(await waitUntil(async () => (await cluster.readiness(0)) === 503, { timeoutMs: 30_000 })).toBe(true);
      for (const socket of [late, await cluster.socket(0)]) {
        socket.send('CONNECT', { 'accept-version': '1.2', host: '/' });
        expect((await socket.next('ERROR')).headers.get('message')).toBe('Broker not available.');
        expect((await socket.ended).code).toBe(1002);
      }
      await rabbitmq.start();
      expect(await waitUntil(async () => (await cluster.readiness(0)) === 200, { timeoutMs: 120_000 })).toBe(true);
      const again = await cluster.client(0);
      const destination = `/topic/${newName()}`;
      await again.asked('SUBSCRIBE', { id: '1', destination });
      await again.asked('SEND', { destination }, 'back');
      expect(await again.bodies(1)).toEqual(['back']);
    });
  });
});
