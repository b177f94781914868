import { expect } from 'vitest';
import { waitUntil } from '../../../src/core/clock.js';
import type { Frame } from '../../../src/stomp/frame.js';
import { frameText, type RawClient } from '../raw-client.js';
import { metricOf } from '../test-node.js';
import { check } from './check.js';
import { bodiesOf, type Peer, refused } from './peer.js';

const topic = '/topic/a';
const queue = '/queue/work';

/** A consumer of the queue and the MESSAGEs of these bodies, all on their way to it. */
async function deliveries(peer: Peer, ack: string, bodies: readonly string[]): Promise<[RawClient, Frame[]]> {
  const client = await peer.subscriber(queue, { ack });
  const frames: Frame[] = [];
  for (const body of bodies) {
    await client.asked('SEND', { destination: queue }, body);
    frames.push(await client.next('MESSAGE'));
  }
  return [client, frames];
}

/** What another consumer is given once that client is gone, before a last message of its own. */
async function leftBy(peer: Peer, client: RawClient): Promise<Frame[]> {
  const sessions = () => metricOf(peer.server.httpPort, 'sessions');
  const before = await sessions();
  await client[Symbol.asyncDispose]();
  // Before that its messages are not free.
  expect(await waitUntil(async () => (await sessions()) < before, { timeoutMs: 30_000 })).toBe(true);
  const heir = await peer.client();
  await heir.asked('SEND', { destination: queue }, 'end');
  await heir.asked('SUBSCRIBE', { id: '1', destination: queue });
  const left: Frame[] = [];
  for (;;) {
    const frame = await heir.next('MESSAGE');
    if (frame.body.toString() === 'end') break;
    left.push(frame);
  }
  await heir.asked('UNSUBSCRIBE', { id: '1' });
  return left;
}

async function bodiesLeftBy(peer: Peer, client: RawClient): Promise<string[]> {
  return (await leftBy(peer, client)).map((frame) => frame.body.toString());
}

check('A01', async (peer) => {
  const [client, [only]] = await deliveries(peer, 'client', ['x']);
  expect(only?.headers.get('ack')).toBeUndefined();
  await client.asked('ACK', { 'message-id': only?.headers.get('message-id') ?? '' });
  expect(await bodiesLeftBy(peer, client)).toEqual([]);
});

check('A02', async (peer) => {
  const [client, [only]] = await deliveries(peer, 'client', ['x']);
  expect(only?.headers.get('ack')).toBeUndefined();
  const id = (only?.headers.get('message-id') ?? '').replaceAll(':', '\\c');
  await client.asked('ACK', { 'message-id': id, subscription: '1' });
  expect(await bodiesLeftBy(peer, client)).toEqual([]);
  const [other] = await deliveries(peer, 'client', ['y']);
  expect((await refused(other, frameText('ACK', { 'message-id': id }))).message).toContain('No delivery');
});

check('A03', async (peer) => {
  const [client, [only]] = await deliveries(peer, 'client', ['x']);
  const ack = only?.headers.get('ack') ?? '';
  expect(ack).not.toBe('');
  await client.asked('ACK', { id: ack });
  expect(await bodiesLeftBy(peer, client)).toEqual([]);
  const [, [auto]] = await deliveries(peer, 'auto', ['y']);
  expect(auto?.headers.get('ack')).toBeUndefined();
});

check('A04', async (peer) => {
  const [client, frames] = await deliveries(peer, 'client', ['1', '2', '3']);
  // Another subscription of the same connection is not touched.
  await client.asked('SUBSCRIBE', { id: 'other', destination: topic, ack: 'client' });
  await client.asked('SEND', { destination: topic });
  const other = await client.next('MESSAGE');
  await client.asked('ACK', peer.acknowledging(frames[1] as Frame));
  const named = peer.version === '1.1' ? { subscription: 'other' } : {};
  await client.asked('ACK', { ...peer.acknowledging(other), ...named });
  expect(await bodiesLeftBy(peer, client)).toEqual(['3']);
});

check('A05', async (peer) => {
  const [client, frames] = await deliveries(peer, 'client-individual', ['1', '2', '3']);
  await client.asked('ACK', peer.acknowledging(frames[1] as Frame));
  expect(await bodiesLeftBy(peer, client)).toEqual(['1', '3']);
});

check('A06', async (peer) => {
  const [client, [first]] = await deliveries(peer, 'client', ['1', '2', '3']);
  await client.asked('ACK', peer.acknowledging(first as Frame));
  const left = await leftBy(peer, client);
  expect(left.map((frame) => frame.body.toString())).toEqual(['2', '3']);
  for (const frame of left) expect(frame.headers.get('redelivered')).toBe('true');
  // What went out with `auto` counts as delivered.
  const [auto] = await deliveries(peer, 'auto', ['4']);
  expect(await bodiesLeftBy(peer, auto)).toEqual([]);
});

check('A07', async (peer) => {
  const [client, [only]] = await deliveries(peer, 'client', ['x']);
  if (peer.version === '1.0') {
    const text = frameText('NACK', peer.acknowledging(only as Frame));
    expect((await refused(client, text)).message).toBe('STOMP 1.0 has no NACK.');
    return;
  }
  await client.asked('NACK', peer.acknowledging(only as Frame));
  // There is nobody else who could have it.
  const again = await client.next('MESSAGE');
  expect([again.body.toString(), again.headers.get('redelivered')]).toEqual(['x', 'true']);
  const other = await peer.subscriber(queue, { ack: 'client' });
  await client.asked('NACK', peer.acknowledging(again));
  expect((await other.next('MESSAGE')).headers.get('redelivered')).toBe('true');
  const listener = await peer.subscriber(topic, { ack: 'client' });
  await listener.asked('SEND', { destination: topic }, 'dropped');
  await listener.asked('NACK', peer.acknowledging(await listener.next('MESSAGE')));
  await listener.asked('SEND', { destination: topic }, 'next');
  expect(await listener.bodies(1)).toEqual(['next']);
});

check('A08', async (peer) => {
  const [client, [only]] = await deliveries(peer, 'client', ['x']);
  const acknowledging = peer.acknowledging(only as Frame);
  const stranger = await peer.subscriber(topic, { ack: 'client' });
  expect((await refused(stranger, frameText('ACK', acknowledging))).message).toContain('No delivery');
  await client.asked('ACK', acknowledging);
  expect((await refused(client, frameText('ACK', acknowledging))).message).toContain('No delivery');
  expect((await refused(await peer.client(), frameText('ACK'))).message).toContain('No delivery');
  expect(bodiesOf(client)).toEqual(['x']);
});
