import { expect } from 'vitest';
import { frameText } from '../raw-client.js';
import { check } from './check.js';
import { bodiesOf, messagesOf, refusal, refused } from './peer.js';

const topic = '/topic/a';

check('R01', async (peer) => {
  const client = await peer.client({ receipt: 'not for CONNECT' });
  expect(client.received.map((frame) => frame.command)).toEqual(['CONNECTED']);
  for (const [command, headers] of [
    ['SUBSCRIBE', { id: '1', destination: topic, ack: 'client' }],
    ['BEGIN', { transaction: 't' }],
    ['SEND', { destination: topic, transaction: 't' }],
    ['COMMIT', { transaction: 't' }],
    ['BEGIN', { transaction: 'u' }],
    ['ABORT', { transaction: 'u' }],
  ] as const) {
    await client.asked(command, { ...headers, receipt: `${command} ü` });
  }
  await client.until(() => messagesOf(client).length === 1, 'a message');
  await client.asked('ACK', peer.acknowledging(await client.next('MESSAGE')));
  await client.asked('UNSUBSCRIBE', { id: '1' });
  await client.asked('DISCONNECT');
});

check('R02', async (peer) => {
  const client = await peer.client();
  const frames = Array.from({ length: 50 }, (_, i) => frameText('SEND', { destination: topic, receipt: `${i}` }));
  client.raw(frames.join(''));
  for (let i = 0; i < 50; i++) expect((await client.next('RECEIPT')).headers.get('receipt-id')).toBe(`${i}`);
  // Processed: whoever subscribes after the RECEIPT of a SEND to a queue is given the message.
  await client.asked('SEND', { destination: '/queue/a' }, 'kept');
  expect(await (await peer.subscriber('/queue/a')).bodies(1)).toEqual(['kept']);
});

check('R03', async (peer) => {
  const client = await peer.subscriber(topic);
  client.raw(frameText('SEND', { destination: topic }).repeat(300) + frameText('DISCONNECT', { receipt: 'bye' }));
  await client.ended;
  expect(client.received.at(-1)?.headers.get('receipt-id')).toBe('bye');
});

check('R04', async (peer) => {
  const reader = await peer.subscriber(topic);
  const client = await peer.client();
  for (let i = 0; i < 100; i++) client.send('SEND', { destination: topic }, `${i}`);
  client.finish();
  expect(await reader.bodies(100)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
});

check('R05', async (peer) => {
  const reader = await peer.subscriber(topic);
  const client = await peer.client();
  client.raw(
    frameText('DISCONNECT', { receipt: 'bye' }) + frameText('SEND', { destination: topic }, 'late') + frameText('X'),
  );
  await client.ended;
  expect(client.received.map((frame) => frame.command)).toEqual(['CONNECTED', 'RECEIPT']);
  await reader.asked('SEND', { destination: topic }, 'marker');
  expect(await reader.bodies(1)).toEqual(['marker']);
});

check('G01', async (peer) => {
  for (const [sent, subscribed] of [
    [topic, topic],
    ['/queue/a', '/queue/a'],
    ['/user/ann/queue/a', '/user/queue/a'],
  ] as const) {
    const client = await peer.client({ login: 'ann' });
    await client.asked('SUBSCRIBE', { id: 'mine', destination: subscribed });
    for (let i = 0; i < 3; i++) await client.asked('SEND', { destination: sent });
    await client.until(() => messagesOf(client).length === 3, 'three messages');
    for (const { headers } of messagesOf(client)) {
      expect([headers.get('destination'), headers.get('subscription')]).toEqual([subscribed, 'mine']);
    }
    expect(new Set(messagesOf(client).map((frame) => frame.headers.get('message-id'))).size).toBe(3);
  }
});

check('G02', async (peer) => {
  const readers = [await peer.subscriber(topic), await peer.subscriber(topic)];
  const publishers = [await peer.client(), await peer.client(), await peer.client()];
  for (let i = 0; i < 100; i++) {
    publishers.forEach((publisher, who) => {
      publisher.send('SEND', { destination: topic }, `${who}:${i}`);
    });
  }
  for (const reader of readers) {
    await reader.until(() => bodiesOf(reader).length === 300, '300 messages');
    publishers.forEach((_, who) => {
      const own = bodiesOf(reader).filter((body) => body.startsWith(`${who}:`));
      expect(own).toEqual(Array.from({ length: 100 }, (_, i) => `${who}:${i}`));
    });
  }
});

check('X01', async (peer) => {
  const other = await peer.subscriber(topic);
  const late = frameText('SEND', { destination: topic }, 'after the error');
  for (const text of ['SEND\nno colon\n\n\0', frameText('X'), frameText('SEND'), frameText('BEGIN')]) {
    const client = await peer.client();
    client.raw(text + late);
    const { ending } = await refusal(client);
    expect(ending.code).toBe(peer.transport === 'tcp' ? undefined : 1002);
  }
  await other.asked('SEND', { destination: topic }, 'marker');
  expect(await other.bodies(1)).toEqual(['marker']);
});

check('X02', async (peer) => {
  for (const text of ['SEND\nno colon\n\n\0', frameText('X'), frameText('SEND'), frameText('ACK')]) {
    const { message } = await refused(await peer.client(), text);
    expect(message).toMatch(/^[A-Z][ -~]{5,120}\.$/);
  }
  const { error } = await refused(await peer.stranger(), frameText('CONNECT', { 'accept-version': '3' }));
  expect(error.body.toString()).toContain('STOMP');
});

check('X03', async (peer) => {
  for (const [command, headers] of [
    ['SEND', {}],
    ['SUBSCRIBE', {}],
    ['UNSUBSCRIBE', { id: 'none' }],
    ['ACK', { id: 'none' }],
    ['BEGIN', {}],
    ['COMMIT', { transaction: 'none' }],
    ['DANCE', {}],
  ] as const) {
    const { error } = await refused(await peer.client(), frameText(command, { ...headers, receipt: 'r 1' }));
    expect(error.headers.get('receipt-id')).toBe('r 1');
  }
});

check('X04', async (peer) => {
  const client = await peer.subscriber(topic);
  const body = 'x'.repeat(3_000);
  for (let i = 0; i < 100; i++) client.send('SEND', { destination: topic }, body);
  const { message } = await refused(client, frameText('SEND'));
  expect(message).toBe('SEND needs a destination.');
  expect(messagesOf(client)).toHaveLength(100);
});
