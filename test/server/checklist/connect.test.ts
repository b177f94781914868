import { expect } from 'vitest';
import { waitUntil } from '../../../src/core/clock.js';
import { frameText } from '../raw-client.js';
import { metricOf } from '../test-node.js';
import { check } from './check.js';
import { refused } from './peer.js';

check('C01', async (peer) => {
  const client = await peer.stranger();
  client.send('STOMP', { 'accept-version': peer.version, host: '/' });
  expect((await client.next('CONNECTED')).headers.get('version')).toBe(peer.version);
});

check('C02', async (peer) => {
  const client = await peer.stranger();
  client.send('CONNECT', { 'accept-version': `9.9,1.0,${peer.version}`, host: '/' });
  expect((await client.next('CONNECTED')).headers.get('version')).toBe(peer.version);
});

check('C03', async (peer) => {
  const client = await peer.stranger();
  client.send('CONNECT', { host: '/' });
  expect((await client.next('CONNECTED')).headers.get('version')).toBe('1.0');
  // And it is spoken: 1.0 has no NACK.
  expect((await refused(client, frameText('NACK', { 'message-id': '1' }))).message).toContain('no NACK');
});

check('C04', async (peer) => {
  const client = await peer.stranger();
  const { error } = await refused(client, frameText('CONNECT', { 'accept-version': '0.9,2.0', host: '/' }));
  expect(error.headers.get('version')).toBe('1.0,1.1,1.2');
});

check('C05', async (peer) => {
  const client = await peer.stranger();
  expect((await client.connect(peer.version)).headers.get('version')).toBe(peer.version);
});

check('C06', async (peer) => {
  const client = await peer.stranger();
  const { headers } = await client.connect(peer.version);
  expect(headers.get('server')).toBe('cluster-chat/0.0.0');
  expect(headers.get('heart-beat')).toBe('10000,10000');
  expect(headers.get('session')).toMatch(/^[0-9a-f]{32}$/);
  expect(headers.get('node')).toBe(peer.transport === 'tcp' ? 'broker' : 'node-1');
});

check(
  'C07',
  async (peer) => {
    for (const headers of [{}, { login: 'ann' }, { login: 'ann', passcode: 'canarY' }, { passcode: 'canary' }]) {
      const { message } = await refused(await peer.stranger(), frameText('CONNECT', headers));
      expect(message).toBe('Login refused.');
    }
    await peer.client({ login: 'ann', passcode: 'canary' });
  },
  { credential: { login: 'ann', passcode: 'canary' } },
);

check('C08', async (peer) => {
  for (const headers of [{}, { host: '' }, { host: 'elsewhere.example' }]) {
    const client = await peer.stranger();
    client.send('CONNECT', { 'accept-version': peer.version, ...headers });
    await client.next('CONNECTED');
  }
});

check('C09', async (peer) => {
  for (const command of ['SEND', 'SUBSCRIBE', 'ACK', 'BEGIN', 'DISCONNECT', 'CONNECTED']) {
    const { message } = await refused(await peer.stranger(), frameText(command, { destination: '/topic/a' }));
    expect(message).toContain('first frame');
  }
});

check('C10', async (peer) => {
  for (const command of ['CONNECT', 'STOMP']) {
    const { message } = await refused(await peer.client(), frameText(command, { 'accept-version': peer.version }));
    expect(message).toBe('The session is already connected.');
  }
});

check('C11', async (peer) => {
  const lingering = await peer.stranger();
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const client = await peer.client();
      await client.asked('SUBSCRIBE', { id: '1', destination: `/topic/${index}` });
      // Some say goodbye, some only end, some are cut.
      if (index % 3 === 0) await client.asked('DISCONNECT');
      else if (index % 3 === 1) client.finish();
      await client[Symbol.asyncDispose]();
    }),
  );
  // The lingering one, and none of the others.
  const isAlone = async () => (await metricOf(peer.server.httpPort, 'sessions')) === 1;
  expect(await waitUntil(isAlone, { timeoutMs: 30_000 })).toBe(true);
  expect(await metricOf(peer.server.httpPort, 'subscriptions')).toBe(0);
  expect(await metricOf(peer.server.httpPort, 'destinations')).toBe(0);
  await lingering.connect(peer.version);
});
