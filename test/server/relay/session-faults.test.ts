import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CuttableLink } from '../../broker/cuttable-link.js';
import { PieceProcess, processSecret } from '../../broker/piece-process.js';
import { RawClient } from '../raw-client.js';
import { metricOf, openTestNode } from '../test-node.js';
import { newName } from './suite.js';

describe('a relayed session when something goes wrong', () => {
  let broker: PieceProcess;
  beforeAll(async () => {
    broker = await PieceProcess.standIn();
  });
  afterAll(() => broker[Symbol.asyncDispose]());

  function urlAt(port: number): string {
    return `stomp://guest:${encodeURIComponent(processSecret)}@127.0.0.1:${port}`;
  }

  test('its connection is refused while that of the node stands: it is told, and nobody else notices', async () => {
    await using link = await CuttableLink.open(broker.port);
    await using node = await openTestNode({}, { broker: urlAt(link.port) });
    await using before = await RawClient.overWebSocket(node.url);
    await before.connect();
    link.isBarred = true;
    await using refused = await RawClient.overWebSocket(node.url);
    refused.send('CONNECT', { 'accept-version': '1.2', host: '/' });
    const error = await refused.next('ERROR');
    expect(error.headers.get('message')).toBe('Broker not available.');
    expect(error.body.toString()).toBe('');
    expect((await refused.ended).code).toBe(1002);
    await before.asked('SEND', { destination: `/topic/${newName()}` }, 'still here');
    expect(await metricOf(node.port, 'relays_failed_total')).toBe(1);
  });

  test('a client that leaves while its connection is being opened leaves none behind', async () => {
    await using node = await openTestNode({}, { broker: broker.stompUrl });
    const client = await RawClient.overWebSocket(node.url);
    client.send('CONNECT', { 'accept-version': '1.2', host: '/' });
    client.wire?.destroy();
    await using other = await RawClient.overWebSocket(node.url);
    await other.connect();
    // The node's own and that of the client which stayed.
    await expect.poll(() => metricOf(broker.http, 'sessions'), { timeout: 30_000 }).toBe(2);
    await expect.poll(() => metricOf(node.port, 'sessions'), { timeout: 30_000 }).toBe(1);
  });

  test('a client that does not read at all is cut as a slow consumer, however patient the broker is', async () => {
    const limits = { maxUnsentMs: 500, maxUnsentBytes: 256 * 1024 };
    await using node = await openTestNode(limits, { broker: broker.stompUrl });
    const destination = `/topic/${newName()}`;
    await using slow = await RawClient.overWebSocket(node.url);
    await slow.connect();
    await slow.asked('SUBSCRIBE', { id: '1', destination });
    slow.pause();
    await using publisher = await RawClient.overWebSocket(node.url);
    await publisher.connect();
    const body = 'x'.repeat(60_000);
    for (let i = 0; i < 150; i++) await publisher.asked('SEND', { destination }, body);
    const slowConsumers = () => metricOf(node.port, 'slow_consumers_total');
    await expect.poll(slowConsumers, { timeout: 30_000 }).toBe(1);
    slow.resume();
    expect((await slow.ended).code).toBe(4500);
  });

  test('heart-beats end at the node: a silent client is cut, a silent broker fails the session', async () => {
    await using link = await CuttableLink.open(broker.port);
    await using node = await openTestNode({ heartbeatMs: 1_000 }, { broker: urlAt(link.port) });
    await using silent = await RawClient.overWebSocket(node.url);
    await silent.connect('1.2', { 'heart-beat': '300,300' });
    expect((await silent.next('ERROR')).headers.get('message')).toContain('No heart-beat');
    expect(silent.heartbeats).toBeGreaterThan(0);
    await using quiet = await RawClient.overWebSocket(node.url);
    await quiet.connect('1.2', { 'heart-beat': '0,0' });
    broker.child.kill('SIGSTOP');
    try {
      expect((await quiet.next('ERROR')).headers.get('message')).toBe('Connection to broker closed.');
    } finally {
      broker.child.kill('SIGCONT');
    }
  });

  test('a client that dies gives back at once what it had not acknowledged', async () => {
    await using node = await openTestNode({}, { broker: broker.stompUrl });
    const destination = `/queue/${newName()}`;
    const dying = await RawClient.overWebSocket(node.url);
    await dying.connect();
    await dying.asked('SEND', { destination }, 'kept');
    await dying.asked('SUBSCRIBE', { id: '1', destination, ack: 'client' });
    await dying.next('MESSAGE');
    await using heir = await RawClient.overWebSocket(node.url);
    await heir.connect();
    await heir.asked('SUBSCRIBE', { id: '1', destination, ack: 'client' });
    dying.wire?.destroy();
    expect((await heir.next('MESSAGE')).headers.get('redelivered')).toBe('true');
  });

  test('the credential of the node is asked for before anything is opened', async () => {
    await using node = await openTestNode(
      {},
      { broker: broker.stompUrl, credential: { login: 'a', passcode: 'right' } },
    );
    await using client = await RawClient.overWebSocket(node.url);
    client.send('CONNECT', { 'accept-version': '1.2', host: '/', login: 'guest', passcode: processSecret });
    expect((await client.next('ERROR')).headers.get('message')).toBe('Login refused.');
    await using right = await RawClient.overWebSocket(node.url);
    await right.connect('1.2', { login: 'a', passcode: 'right' });
  });

  test('/sessions and /metrics know what relayed sessions listen to', async () => {
    await using node = await openTestNode({}, { broker: broker.stompUrl });
    await using client = await RawClient.overWebSocket(node.url);
    await client.connect();
    await client.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
    await client.asked('SUBSCRIBE', { id: '2', destination: '/user/queue/b' });
    await client.asked('UNSUBSCRIBE', { id: '1' });
    const response = await fetch(`http://127.0.0.1:${node.port}/sessions`);
    expect(await response.json()).toMatchObject({ sessions: [{ subscriptions: ['/user/queue/b'] }] });
    expect(await metricOf(node.port, 'subscriptions')).toBe(1);
  });
});
