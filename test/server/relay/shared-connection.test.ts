import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../../src/core/clock.js';
import { PieceProcess } from '../../broker/piece-process.js';
import { type ActivemqServer, startActivemq } from '../../services/activemq-server.js';
import { type RabbitmqServer, startRabbitmq } from '../../services/rabbitmq-server.js';
import { requireService } from '../../services/require-service.js';
import { metricOf } from '../test-node.js';
import { RelayCluster } from './relay-cluster.js';
import { bodiesOf, newName } from './suite.js';

function testShared(brokerUrl: () => string, restart: { kill(): Promise<unknown>; start(): Promise<unknown> }): void {
  let cluster: RelayCluster;
  beforeEach(async () => {
    cluster = await RelayCluster.open(`${brokerUrl()}?connections=shared`);
  });
  afterEach(() => cluster[Symbol.asyncDispose]());

  test('a topic reaches both nodes, of one segment or of several, and a RECEIPT says that the broker has it', async () => {
    for (const destination of [`/topic/${newName()}`, `/chat/${newName()}/messages`]) {
      const [here, there] = [await cluster.client(0), await cluster.client(1, {}, '1.1')];
      for (const reader of [here, there]) await reader.asked('SUBSCRIBE', { id: '1', destination });
      await here.asked('SEND', { destination, 'x-own': 'yes' }, 'hello');
      for (const reader of [here, there]) {
        const { headers, body } = await reader.next('MESSAGE');
        expect(body.toString()).toBe('hello');
        expect(headers.get('destination')).toBe(destination);
        expect(headers.get('x-own')).toBe('yes');
        for (const name of ['cluster-chat-id', 'cluster-chat-headers']) expect(headers.get(name)).toBeUndefined();
      }
    }
  });

  test('a transaction, a private message and an acknowledgement are the business of the node', async () => {
    const destination = `/topic/${newName()}`;
    const [reader, writer] = [await cluster.client(1, { login: 'eva' }), await cluster.client(0)];
    await reader.asked('SUBSCRIBE', { id: '1', destination, ack: 'client' });
    await reader.asked('SUBSCRIBE', { id: '2', destination: '/user/queue/x' });
    await writer.asked('BEGIN', { transaction: 't' });
    writer.send('SEND', { destination, transaction: 't' }, 'in t');
    await writer.asked('SEND', { destination: '/user/eva/queue/x' }, 'psst');
    const secret = await reader.next('MESSAGE');
    expect([secret.body.toString(), secret.headers.get('destination')]).toEqual(['psst', '/user/queue/x']);
    await writer.asked('COMMIT', { transaction: 't' });
    const message = await reader.next('MESSAGE');
    expect(message.body.toString()).toBe('in t');
    await reader.asked('ACK', { id: message.headers.get('ack') ?? '' });
  });

  test('queues are refused with a reason: for them each session needs a connection of its own', async () => {
    const client = await cluster.client(0);
    client.send('SEND', { destination: '/queue/a', receipt: '1' }, 'x');
    expect((await client.next('ERROR')).headers.get('message')).toBe('The broker stomp keeps no queues.');
  });

  test('the broker is restarted: sessions stay, what is sent meanwhile waits for it, and the gap is counted', async () => {
    const destination = `/topic/${newName()}`;
    const [here, there] = [await cluster.client(0), await cluster.client(1)];
    for (const reader of [here, there]) await reader.asked('SUBSCRIBE', { id: '1', destination });
    await here.asked('SEND', { destination }, 'before');
    // What the broker has accepted and not yet passed on dies with it.
    for (const reader of [here, there]) await reader.until(() => bodiesOf(reader).length === 1, '1 message');
    await restart.kill();
    expect(await waitUntil(async () => (await cluster.readiness(0)) === 503, { timeoutMs: 30_000 })).toBe(true);
    await restart.start();
    for (const index of [0, 1]) {
      expect(await waitUntil(async () => (await cluster.readiness(index)) === 200, { timeoutMs: 120_000 })).toBe(true);
    }
    await here.asked('SEND', { destination }, 'after');
    for (const reader of [here, there]) {
      await reader.until(() => bodiesOf(reader).length === 2, '2 messages');
      expect(bodiesOf(reader)).toEqual(['before', 'after']);
    }
    expect(await metricOf(cluster.nodes[0]?.port ?? 0, 'broker_gaps_total')).toBe(1);
  });
}

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ over one connection for a node', () => {
  let rabbitmq: RabbitmqServer;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());

  testShared(() => rabbitmq.stompUrl, { kill: () => rabbitmq.kill(), start: () => rabbitmq.start() });
});

describe.runIf(requireService('activemq', 'activemq'))('ActiveMQ over one connection for a node', () => {
  let activemq: ActivemqServer;
  beforeAll(async () => {
    activemq = await startActivemq();
  });
  afterAll(() => activemq[Symbol.asyncDispose]());

  testShared(() => activemq.stompUrl, { kill: () => activemq.kill(), start: () => activemq.start() });
});

describe('our own broker over one connection for a node', () => {
  let broker: PieceProcess;
  beforeAll(async () => {
    broker = await PieceProcess.standIn();
  });
  afterAll(() => broker[Symbol.asyncDispose]());

  testShared(() => broker.stompUrl, {
    kill: () => broker.end('SIGKILL'),
    start: async () => {
      broker = await PieceProcess.standIn(broker.port);
    },
  });
});
