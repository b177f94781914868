import { expect } from 'vitest';
import type { Frame } from '../../../src/stomp/frame.js';
import { frameText } from '../raw-client.js';
import { check } from './check.js';
import { bodiesOf, refused } from './peer.js';

const topic = '/topic/a';
const queue = '/queue/work';

check('T01', async (peer) => {
  for (const command of ['BEGIN', 'COMMIT', 'ABORT']) {
    expect((await refused(await peer.client(), frameText(command))).message).toBe('The header transaction is missing.');
  }
});

check('T02', async (peer) => {
  const client = await peer.client();
  for (const end of ['COMMIT', 'ABORT', undefined]) {
    await client.asked('BEGIN', { transaction: 't' });
    if (end !== undefined) await client.asked(end, { transaction: 't' });
  }
  // The id is another one’s own in another connection.
  await (await peer.client()).asked('BEGIN', { transaction: 't' });
  expect((await refused(client, frameText('BEGIN', { transaction: 't' }))).message).toContain('already open');
});

check('T03', async (peer) => {
  const ended = await peer.client();
  await ended.asked('BEGIN', { transaction: 't' });
  await ended.asked('ABORT', { transaction: 't' });
  const send = frameText('SEND', { destination: topic, transaction: 't' });
  expect((await refused(ended, send)).message).toContain('not open');
  for (const command of ['COMMIT', 'ABORT', 'ACK']) {
    const text = frameText(command, { transaction: 'none', id: '1', 'message-id': '1', subscription: '1' });
    expect((await refused(await peer.client(), text)).message).toContain('not open');
  }
});

check('T04', async (peer) => {
  const client = await peer.subscriber(topic);
  for (const transaction of ['kept', 'dropped']) {
    await client.asked('BEGIN', { transaction });
    await client.asked('SEND', { destination: topic, transaction }, `${transaction} 1`);
    await client.asked('SEND', { destination: topic, transaction }, `${transaction} 2`);
  }
  await client.asked('SEND', { destination: topic }, 'outside');
  expect(await client.bodies(1)).toEqual(['outside']);
  await client.asked('ABORT', { transaction: 'dropped' });
  await client.asked('COMMIT', { transaction: 'kept' });
  expect(await client.bodies(2)).toEqual(['kept 1', 'kept 2']);
  // An acknowledgement counts with COMMIT as well, not before.
  const consumer = await peer.subscriber(queue, { ack: 'client' });
  await consumer.asked('SEND', { destination: queue }, 'work');
  const message = await consumer.next('MESSAGE');
  await consumer.asked('BEGIN', { transaction: 't' });
  await consumer.asked('ACK', { ...peer.acknowledging(message as Frame), transaction: 't' });
  await consumer[Symbol.asyncDispose]();
  expect((await (await peer.subscriber(queue)).bodies(1))[0]).toBe('work');
});

check('T05', async (peer) => {
  const other = await peer.subscriber(topic);
  for (const isCut of [true, false]) {
    const client = await peer.client();
    await client.asked('BEGIN', { transaction: 't' });
    await client.asked('SEND', { destination: topic, transaction: 't' }, 'never');
    if (!isCut) await client.asked('DISCONNECT');
    await client[Symbol.asyncDispose]();
  }
  await other.asked('SEND', { destination: topic }, 'marker');
  expect(await other.bodies(1)).toEqual(['marker']);
  expect(bodiesOf(other)).not.toContain('never');
});

check(
  'T06',
  async (peer) => {
    const many = await peer.client();
    for (const transaction of ['1', '2']) await many.asked('BEGIN', { transaction });
    expect((await refused(many, frameText('BEGIN', { transaction: '3' }))).message).toContain('Too many transactions');
    const long = await peer.client();
    await long.asked('BEGIN', { transaction: 't' });
    const send = frameText('SEND', { destination: topic, transaction: 't' }, 'x');
    expect((await refused(long, send.repeat(4))).message).toContain('too large');
    const large = await peer.client();
    await large.asked('BEGIN', { transaction: 't' });
    const text = frameText('SEND', { destination: topic, transaction: 't' }, 'x'.repeat(600));
    expect((await refused(large, text.repeat(2))).message).toContain('too large');
  },
  { limits: { maxTransactions: 2, maxTransactionActions: 3, maxTransactionBytes: 1_000 } },
);
