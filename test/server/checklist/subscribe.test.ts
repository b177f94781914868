import { expect } from 'vitest';
import { frameText } from '../raw-client.js';
import { check } from './check.js';
import { bodiesOf, messagesOf, refused } from './peer.js';

const topic = '/topic/a';

check('S01', async (peer) => {
  const { message } = await refused(await peer.client(), frameText('SEND', {}, 'lost'));
  expect(message).toBe('SEND needs a destination.');
});

check('S02', async (peer) => {
  const client = await peer.subscriber(topic);
  client.send('SEND', {
    destination: topic,
    'reply-to': '/topic/b',
    priority: '9',
    __proto__x: '1',
    subscription: 'forged',
  });
  const { headers } = await client.next('MESSAGE');
  for (const [name, value] of [
    ['reply-to', '/topic/b'],
    ['priority', '9'],
    ['__proto__x', '1'],
    ['subscription', '1'],
  ] as const) {
    expect(headers.get(name)).toBe(value);
  }
});

check('S03', async (peer) => {
  for (const destination of ['topic', '/topic/*', '/topic//a', `/${'a'.repeat(255)}`, '/user/queue/a', '/queue']) {
    const client = await peer.client();
    const { error } = await refused(client, frameText('SEND', { destination, receipt: 'r' }));
    expect(error.headers.get('receipt-id')).toBe('r');
    expect(error.headers.get('message')).toContain('destination');
  }
});

check('S04', async (peer) => {
  const without = await refused(await peer.client(), frameText('SUBSCRIBE', { id: '1' }));
  expect(without.message).toBe('SUBSCRIBE needs a destination.');
  const client = await peer.client();
  if (peer.version === '1.0') return void (await client.asked('SUBSCRIBE', { destination: topic }));
  expect((await refused(client, frameText('SUBSCRIBE', { destination: topic }))).message).toContain('an id');
});

check('S05', async (peer) => {
  const client = await peer.subscriber(topic);
  await client.asked('UNSUBSCRIBE', { id: '1' });
  await client.asked('SUBSCRIBE', { id: '1', destination: topic });
  const { message } = await refused(client, frameText('SUBSCRIBE', { id: '1', destination: '/topic/b' }));
  expect(message).toContain('already in use');
});

check('S06', async (peer) => {
  const usual = await peer.subscriber(topic);
  await usual.asked('SEND', { destination: topic });
  const message = await usual.next('MESSAGE');
  expect((await refused(usual, frameText('ACK', peer.acknowledging(message)))).message).toContain('No delivery');
  for (const ack of ['auto', 'client']) await peer.subscriber(topic, { ack });
  if (peer.version !== '1.0') await peer.subscriber(topic, { ack: 'client-individual' });
  const unknown = peer.version === '1.0' ? ['client-individual', 'x'] : ['x', 'Auto', ''];
  for (const ack of unknown) {
    const refusal = await refused(await peer.client(), frameText('SUBSCRIBE', { id: '1', destination: topic, ack }));
    expect(refusal.message).toContain('ack');
  }
});

check('S07', async (peer) => {
  for (const destination of ['topic', '/topic/*', '/user/bob/queue/a', '/queue']) {
    const text = frameText('SUBSCRIBE', { id: '1', destination, receipt: 'r' });
    const { error } = await refused(await peer.client(), text);
    expect(error.headers.get('receipt-id')).toBe('r');
  }
});

check('S08', async (peer) => {
  const client = await peer.subscriber(topic);
  await client.asked('SEND', { destination: topic }, '1');
  expect((await client.next('MESSAGE')).headers.get('subscription')).toBe('1');
  await client.asked('UNSUBSCRIBE', { id: '1' });
  await client.asked('SEND', { destination: topic }, 'unheard');
  if (peer.version === '1.0') {
    await client.asked('SUBSCRIBE', { destination: topic });
    await client.asked('SEND', { destination: topic }, '2');
    expect((await client.next('MESSAGE')).headers.get('subscription')).toBeUndefined();
    await client.asked('UNSUBSCRIBE', { destination: topic });
    await client.asked('SEND', { destination: topic }, 'unheard');
  }
  const words = peer.version === '1.0' ? { destination: topic } : { id: '1', destination: topic };
  expect((await refused(client, frameText('UNSUBSCRIBE', words))).message).toContain('no such subscription');
  expect(bodiesOf(client)).not.toContain('unheard');
});

check('S09', async (peer) => {
  const client = await peer.subscriber(topic);
  const send = frameText('SEND', { destination: topic });
  client.raw(send.repeat(20) + frameText('UNSUBSCRIBE', { id: '1', receipt: 'gone' }) + send.repeat(20));
  await client.asked('BEGIN', { transaction: 't' });
  const gone = client.received.findIndex((frame) => frame.headers.get('receipt-id') === 'gone');
  expect(gone).toBeGreaterThan(0);
  expect(client.received.slice(gone).filter((frame) => frame.command === 'MESSAGE')).toEqual([]);
});

check('S10', async (peer) => {
  const client = await peer.subscriber(topic);
  await client.asked('SUBSCRIBE', { id: '2', destination: topic });
  await client.asked('SEND', { destination: topic });
  await client.until(() => messagesOf(client).length === 2, 'two messages');
  const ids = messagesOf(client).map((frame) => frame.headers.get('subscription'));
  expect(ids.sort()).toEqual(['1', '2']);
});
