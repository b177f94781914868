import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BrokerServer, openBrokerServer } from '../../src/server/broker-server.js';
import { frameText, RawClient } from './raw-client.js';
import { metricOf, openTestBroker, openTestNode, testSecret } from './test-node.js';

const topic = '/topic/a';

describe('the broker that stands in for RabbitMQ, over plain TCP', () => {
  let broker: BrokerServer;
  beforeEach(async () => {
    broker = await openBrokerServer({
      version: '0.0.0',
      host: '127.0.0.1',
      port: 0,
      credential: undefined,
      trustsMessageIds: false,
    });
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  for (const version of ['1.0', '1.1', '1.2'] as const) {
    test(`speaks ${version}: connect, subscribe, send, disconnect with the receipt before the close [R03]`, async () => {
      await using client = await RawClient.overTcp(broker.port);
      const connected = await client.connect(version);
      expect(connected.headers.get('version')).toBe(version);
      await client.asked('SUBSCRIBE', { id: '1', destination: topic });
      client.raw(frameText('SEND', { destination: topic }, 'hello') + frameText('DISCONNECT', { receipt: 'bye' }));
      await client.ended;
      expect(client.received.at(-1)?.headers.get('receipt-id')).toBe('bye');
    });
  }

  test('F13: understands a stream cut into single octets, and many frames in one', async () => {
    await using client = await RawClient.overTcp(broker.port);
    await client.connect();
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    for (const octet of frameText('SEND', { destination: topic }, 'one')) client.raw(octet);
    client.raw(Array.from({ length: 50 }, (_, i) => `${frameText('SEND', { destination: topic }, `${i}`)}\n`).join(''));
    expect(await client.bodies(51)).toEqual(['one', ...Array.from({ length: 50 }, (_, i) => `${i}`)]);
  });

  test('gives its own ids to messages of strangers, who could otherwise silence each other', async () => {
    await using client = await RawClient.overTcp(broker.port);
    await client.connect();
    await client.asked('SUBSCRIBE', { id: '1', destination: topic });
    for (const body of ['one', 'two']) client.send('SEND', { destination: topic, 'message-id': 'same\\c1' }, body);
    expect(await client.bodies(2)).toEqual(['one', 'two']);
  });

  test('R04: what a client sent before it vanished is still carried out', async () => {
    await using reader = await RawClient.overTcp(broker.port);
    await reader.connect();
    await reader.asked('SUBSCRIBE', { id: '1', destination: topic });
    const client = await RawClient.overTcp(broker.port);
    await client.connect();
    client.send('SEND', { destination: topic }, 'last words');
    client.finish();
    expect(await reader.bodies(1)).toEqual(['last words']);
    await client[Symbol.asyncDispose]();
  });

  test('answers another protocol with an ERROR and closes', async () => {
    await using client = await RawClient.overTcp(broker.port);
    client.raw('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.next('ERROR');
    await client.ended;
  });
});

test('C07, limit 23: behind a run secret nobody else connects', async () => {
  await using broker = await openTestBroker();
  for (const passcode of ['', 'wrong']) {
    await using client = await RawClient.overTcp(broker.port);
    client.send('CONNECT', { 'accept-version': '1.2', login: 'node', passcode });
    expect((await client.next('ERROR')).headers.get('message')).toBe('Login refused.');
    await client.ended;
  }
  await using client = await RawClient.overTcp(broker.port);
  await client.connect('1.2', { login: 'node', passcode: testSecret });
});

test('limit 23: a message that a node took is not too large for its broker', async () => {
  await using broker = await openTestBroker();
  await using client = await RawClient.overTcp(broker.port);
  await client.connect('1.2', { login: 'node', passcode: testSecret });
  await client.asked('SUBSCRIBE', { id: '1', destination: topic });
  client.send('SEND', { destination: topic, long: 'x'.repeat(500_000) }, 'x'.repeat(16 * 1_048_576));
  expect((await client.next('MESSAGE')).body.length).toBe(16 * 1_048_576);
});

test('says in its metrics how much memory its history takes, which a node has none of', async () => {
  await using broker = await openTestBroker();
  await using client = await RawClient.overTcp(broker.port);
  await client.connect('1.2', { login: 'node', passcode: testSecret });
  expect(await metricOf(broker.httpPort, 'history_bytes')).toBe(0);
  await client.asked('SEND', { destination: topic }, 'x'.repeat(100_000));
  expect(await metricOf(broker.httpPort, 'history_bytes')).toBeGreaterThan(100_000);
  await using node = await openTestNode();
  await expect(metricOf(node.port, 'history_bytes')).rejects.toThrow('there is no metric history_bytes');
});

describe('with a position', () => {
  test('everything missed comes before the RECEIPT, and what comes meanwhile after it, each once', async () => {
    await using broker = await openTestBroker();
    await using client = await RawClient.overTcp(broker.port);
    await client.connect('1.2', { login: 'node', passcode: testSecret });
    const start = await client.asked('SUBSCRIBE', { id: 'first', destination: topic });
    await client.asked('UNSUBSCRIBE', { id: 'first' });
    const since = { epoch: start.headers.get('epoch') ?? '', offset: '0' };
    const sends = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => frameText('SEND', { destination: topic }, `${from + i}`)).join('');
    client.raw(
      sends(0, 500) +
        frameText('SUBSCRIBE', { id: '2', destination: topic, receipt: 'back', ...since }) +
        sends(500, 600),
    );
    const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${from + i}`);
    const bodies: string[] = [];
    let receiptAt = -1;
    while (bodies.length < 600 || receiptAt < 0) {
      const frame = await client.next();
      if (frame.command === 'RECEIPT') receiptAt = bodies.length;
      else bodies.push(frame.body.toString());
    }
    expect(bodies).toEqual(numbers(0, 600));
    expect(receiptAt).toBeGreaterThanOrEqual(500);
  });

  test('S09: who unsubscribes at once is not sent what it missed', async () => {
    await using broker = await openTestBroker();
    await using client = await RawClient.overTcp(broker.port);
    await client.connect('1.2', { login: 'node', passcode: testSecret });
    const start = await client.asked('SUBSCRIBE', { id: 'first', destination: topic });
    await client.asked('UNSUBSCRIBE', { id: 'first' });
    for (let i = 0; i < 10; i++) client.send('SEND', { destination: topic }, `${i}`);
    const since = { epoch: start.headers.get('epoch') ?? '', offset: '0' };
    client.raw(
      frameText('SUBSCRIBE', { id: '2', destination: topic, receipt: 'back', ...since }) +
        frameText('UNSUBSCRIBE', { id: '2', receipt: 'gone' }),
    );
    await client.asked('SEND', { destination: topic }, 'marker');
    expect(client.received.filter((frame) => frame.command === 'MESSAGE')).toEqual([]);
  });

  test('a replay that is larger than what a session may have unsent reaches a client that reads', async () => {
    // The second limit is so small that the socket never calls itself full.
    for (const [maxUnsentBytes, count] of [
      [64 * 1024, 100],
      [4 * 1024, 10],
    ] as const) {
      await using broker = await openTestBroker({ maxUnsentBytes });
      await using client = await RawClient.overTcp(broker.port);
      await client.connect('1.2', { login: 'node', passcode: testSecret });
      const start = await client.asked('SUBSCRIBE', { id: 'first', destination: topic });
      await client.asked('UNSUBSCRIBE', { id: 'first' });
      for (let i = 0; i < count; i++) client.send('SEND', { destination: topic }, 'x'.repeat(1_500));
      const since = { epoch: start.headers.get('epoch') ?? '', offset: '0' };
      const receipt = await client.asked('SUBSCRIBE', { id: '2', destination: topic, ...since });
      expect(receipt.headers.get('recovered')).toBe('true');
      expect(client.received.filter((frame) => frame.command === 'MESSAGE')).toHaveLength(count);
    }
  });
});
