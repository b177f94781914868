import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/stomp/frame.js';
import { frameText, type RawClient } from '../raw-client.js';
import { RelayCluster } from './relay-cluster.js';

let names = 0;
/** A name that no other test has: durable queues outlive the test that made them. */
export function newName(): string {
  return `relay-${++names}.messages`;
}

export function bodiesOf(client: RawClient): string[] {
  return client.received.filter((frame) => frame.command === 'MESSAGE').map((frame) => frame.body.toString());
}

export function ackOf(frame: Frame): string {
  return frame.headers.get('ack') ?? '';
}

/**
 * What holds with any broker behind a connection for each session.
 * @param deadLetters the queue to which the broker moves a message after NACK, where it does not bring it back
 */
export function testRelay(title: string, brokerUrl: () => string, serverHeader: RegExp, deadLetters?: string): void {
  describe(title, () => {
    let cluster: RelayCluster;
    beforeEach(async () => {
      cluster = await RelayCluster.open(brokerUrl());
    });
    afterEach(() => cluster[Symbol.asyncDispose]());

    test('CONNECTED carries the name and heart-beats of the node, and the server that is behind it', async () => {
      const client = await cluster.socket(1);
      const { headers } = await client.connect('1.2', { login: 'somebody', passcode: 'else', 'heart-beat': '0,0' });
      expect(headers.get('node')).toBe('node-2');
      expect(headers.get('heart-beat')).toBe('10000,10000');
      expect(headers.get('user-name')).toBe('somebody');
      expect(headers.get('server')).toBe('cluster-chat/0.0.0');
      expect(headers.get('broker-server')).toMatch(serverHeader);
    });

    test('a topic reaches the subscribers of both nodes, whole and in order', async () => {
      const destination = `/topic/${newName()}`;
      const readers = [await cluster.client(0), await cluster.client(1)];
      for (const reader of readers) await reader.asked('SUBSCRIBE', { id: 'a', destination });
      const publisher = await cluster.client(0);
      const bodies = Array.from({ length: 100 }, (_, index) => `${index} \u00fc`);
      for (const body of bodies) publisher.send('SEND', { destination, 'x-own': 'a\\cb\\nc' }, body);
      for (const reader of readers) {
        const first = await reader.next('MESSAGE');
        expect(first.headers.get('x-own')).toBe('a:b\nc');
        expect(first.headers.get('destination')).toBe(destination);
        expect(first.headers.get('subscription')).toBe('a');
        expect([first.body.toString(), ...(await reader.bodies(99))]).toEqual(bodies);
      }
    });

    test('what was sent with CONNECT, before CONNECTED came, is carried out and not dropped', async () => {
      const destination = `/topic/${newName()}`;
      const client = await cluster.socket(0);
      const frames = [
        frameText('CONNECT', { 'accept-version': '1.2', host: '/' }),
        frameText('SUBSCRIBE', { id: '1', destination, receipt: 'sub' }),
        frameText('SEND', { destination, receipt: 'sent' }, 'x'.repeat(20_000)),
      ];
      client.raw(frames.join(''));
      client.send('SEND', { destination }, 'in a message of its own');
      await client.next('CONNECTED');
      await client.until(() => bodiesOf(client).length === 2, '2 messages');
      await client.until(() => client.received.length === 5, 'both receipts');
      expect(bodiesOf(client).map((body) => body.length)).toEqual([20_000, 23]);
    });

    test('a queue gives each message to one of the consumers of both nodes', async () => {
      const destination = `/queue/${newName()}`;
      const consumers = [await cluster.client(0), await cluster.client(1)];
      for (const consumer of consumers) await consumer.asked('SUBSCRIBE', { id: '1', destination });
      const bodies = Array.from({ length: 40 }, (_, index) => `${index}`);
      const publisher = await cluster.client(1);
      for (const body of bodies) await publisher.asked('SEND', { destination }, body);
      const all = () => consumers.flatMap(bodiesOf);
      for (const consumer of consumers) await consumer.until(() => bodiesOf(consumer).length === 20, '20 messages');
      expect(all().sort()).toEqual([...bodies].sort());
    });

    test('client-individual: what is acknowledged is gone, what is not comes to another consumer', async () => {
      const destination = `/queue/${newName()}`;
      const [first, second] = [await cluster.client(0), await cluster.client(1)];
      for (const body of ['0', '1', '2']) await first.asked('SEND', { destination }, body);
      await first.asked('SUBSCRIBE', { id: '1', destination, ack: 'client-individual' });
      const deliveries = [await first.next('MESSAGE'), await first.next('MESSAGE'), await first.next('MESSAGE')];
      expect(deliveries.map((frame) => frame.body.toString())).toEqual(['0', '1', '2']);
      await first.asked('ACK', { id: ackOf(deliveries[1] as Frame) });
      first.wire?.destroy();
      await second.asked('SUBSCRIBE', { id: '1', destination, ack: 'client-individual' });
      const again = [await second.next('MESSAGE'), await second.next('MESSAGE')];
      expect(again.map((frame) => frame.body.toString())).toEqual(['0', '2']);
      for (const frame of again) await second.asked('ACK', { id: ackOf(frame) });
    });

    test.runIf(deadLetters === undefined)('NACK brings a message back', async () => {
      const destination = `/queue/${newName()}`;
      const client = await cluster.client(0);
      await client.asked('SEND', { destination }, 'again');
      await client.asked('SUBSCRIBE', { id: '1', destination, ack: 'client-individual' });
      client.send('NACK', { id: ackOf(await client.next('MESSAGE')) });
      const redelivered = await client.next('MESSAGE');
      expect(redelivered.body.toString()).toBe('again');
      expect(redelivered.headers.get('redelivered')).toBe('true');
      await client.asked('ACK', { id: ackOf(redelivered) });
    });

    test.runIf(deadLetters !== undefined)('NACK moves a message to the queue of dead letters', async () => {
      const destination = `/queue/${newName()}`;
      const client = await cluster.client(0);
      // ActiveMQ drops others.
      await client.asked('SEND', { destination, persistent: 'true' }, 'dead');
      await client.asked('SUBSCRIBE', { id: '1', destination, ack: 'client-individual' });
      await client.asked('SUBSCRIBE', { id: '2', destination: deadLetters ?? '' });
      client.send('NACK', { id: ackOf(await client.next('MESSAGE')) });
      const dead = await client.next('MESSAGE');
      expect([dead.body.toString(), dead.headers.get('subscription')]).toEqual(['dead', '2']);
    });

    test.each(['1.0', '1.1'] as const)(
      'a %s client acknowledges and unsubscribes in its own words',
      async (version) => {
        const destination = `/queue/${newName()}`;
        const [old, other] = [await cluster.client(0, {}, version), await cluster.client(1)];
        const naming = version === '1.0' ? { destination } : { id: '7', destination };
        await old.asked('SUBSCRIBE', { ...naming, ack: 'client', 'prefetch-count': '10' });
        for (const body of ['0', '1', '2']) await other.asked('SEND', { destination, 'x-own': 'a\\rb' }, body);
        const deliveries = [await old.next('MESSAGE'), await old.next('MESSAGE'), await old.next('MESSAGE')];
        for (const { headers } of deliveries) {
          // 1.1 has no way to write the carriage return; 1.0 neither.
          expect(headers.get('x-own')).toBeUndefined();
          expect(headers.get('ack')).toBeUndefined();
          expect(headers.get('subscription')).toBe(version === '1.0' ? undefined : '7');
        }
        const second = deliveries[1]?.headers.get('message-id') ?? '';
        await old.asked('ACK', { 'message-id': second, ...(version === '1.0' ? {} : { subscription: '7' }) });
        await old.asked('UNSUBSCRIBE', version === '1.0' ? { destination } : { id: '7' });
        // RabbitMQ takes back what was not acknowledged only with the connection.
        old.send('DISCONNECT', {});
        await old.ended;
        await other.asked('SUBSCRIBE', { id: '1', destination });
        const left = await other.next('MESSAGE');
        expect(left.body.toString()).toBe('2');
      },
    );

    test('a transaction is carried out at its COMMIT and forgotten at its ABORT', async () => {
      const destination = `/topic/${newName()}`;
      const reader = await cluster.client(1);
      await reader.asked('SUBSCRIBE', { id: '1', destination });
      const client = await cluster.client(0);
      for (const transaction of ['kept', 'dropped']) {
        await client.asked('BEGIN', { transaction });
        client.send('SEND', { destination, transaction }, transaction);
      }
      await client.asked('ABORT', { transaction: 'dropped' });
      await client.asked('SEND', { destination }, 'outside');
      await client.asked('COMMIT', { transaction: 'kept' });
      expect(await reader.bodies(2)).toEqual(['outside', 'kept']);
    });

    test('DISCONNECT: everything before it is answered, its own RECEIPT leaves before the close', async () => {
      const destination = `/queue/${newName()}`;
      const client = await cluster.client(0);
      const frames = Array.from({ length: 20 }, (_, index) =>
        frameText('SEND', { destination, receipt: `r-${index}` }, `${index}`),
      );
      client.raw([...frames, frameText('DISCONNECT', { receipt: 'bye' })].join(''));
      expect(await client.ended).toEqual({ code: 1000, reason: 'The client disconnected.' });
      const receipts = client.received.slice(1).map((frame) => frame.headers.get('receipt-id'));
      expect([...receipts].sort()).toEqual([...frames.map((_, index) => `r-${index}`), 'bye'].sort());
      expect(receipts.at(-1)).toBe('bye');
      const reader = await cluster.client(1);
      await reader.asked('SUBSCRIBE', { id: '1', destination });
      await reader.until(() => bodiesOf(reader).length === 20, '20 messages');
    });

    test('an ERROR of the broker reaches the client and ends the session with 1002', async () => {
      const client = await cluster.client(0);
      client.send('ACK', { id: 'nothing' });
      const error = await client.next('ERROR');
      expect(error.headers.get('message')).toBeTruthy();
      expect((await client.ended).code).toBe(1002);
    });

    test('a private message reaches all sessions of its user, on whichever node, and nobody else', async () => {
      const queue = `/user/queue/${newName()}`;
      const name = 'eva@example.org';
      const sessions = [await cluster.client(0, { login: name }), await cluster.client(1, { login: name })];
      const stranger = await cluster.client(1, { login: 'eva' });
      for (const client of [...sessions, stranger]) await client.asked('SUBSCRIBE', { id: 'p', destination: queue });
      const sender = await cluster.client(0);
      await sender.asked('SEND', { destination: queue.replace('/user/', `/user/${name}/`) }, 'psst');
      await sender.asked('SEND', { destination: queue.replace('/user/', '/user/eva/') }, 'other');
      for (const client of sessions) {
        const message = await client.next('MESSAGE');
        expect(message.body.toString()).toBe('psst');
        expect(message.headers.get('destination')).toBe(queue);
      }
      expect(await stranger.bodies(1)).toEqual(['other']);
    });

    test('limits hold: subscriptions, receipts owed, what may be said', async () => {
      const many = await cluster.client(0);
      for (let id = 0; id < 128; id++) many.send('SUBSCRIBE', { id: `${id}`, destination: `/topic/${newName()}` });
      many.send('SUBSCRIBE', { id: 'more', destination: '/topic/more' });
      expect((await many.next('ERROR')).headers.get('message')).toContain('128 subscriptions');
      const unknown = await cluster.client(0);
      unknown.send('SHOUT', {});
      expect((await unknown.next('ERROR')).headers.get('message')).toContain('unknown');
      const twice = await cluster.client(0);
      twice.send('CONNECT', { 'accept-version': '1.2' });
      expect((await twice.next('ERROR')).headers.get('message')).toContain('already connected');
    });

    test('a client that stops reading is not written to without bound, and gets everything when it reads on', async () => {
      const destination = `/queue/${newName()}`;
      const [slow, publisher] = [await cluster.client(0), await cluster.client(1)];
      await slow.asked('SUBSCRIBE', { id: '1', destination, 'prefetch-count': '1000' });
      slow.pause();
      const body = 'x'.repeat(50_000);
      for (let i = 0; i < 200; i++) await publisher.asked('SEND', { destination }, body);
      slow.resume();
      await slow.until(() => bodiesOf(slow).length === 200, '200 messages');
    });

    test('a node that drains says goodbye with 1001, after what it had accepted', async () => {
      const client = await cluster.client(0);
      client.send('SEND', { destination: `/topic/${newName()}`, receipt: 'last' }, 'x');
      await client.next('RECEIPT');
      await cluster.nodes[0]?.drain();
      expect((await client.ended).code).toBe(1001);
    });
  });
}
