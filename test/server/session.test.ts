import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RelayNode } from '../../src/server/node.js';
import { frameText, RawClient } from './raw-client.js';
import { openTestNode } from './test-node.js';

let node: RelayNode;
beforeEach(async () => {
  node = await openTestNode();
});
afterEach(() => node[Symbol.asyncDispose]());

async function connected(version: '1.0' | '1.1' | '1.2' = '1.2'): Promise<RawClient> {
  const client = await RawClient.overWebSocket(node.url);
  await client.connect(version);
  return client;
}

/** Sends the text and returns the `message` of the ERROR that must come, after which the connection must close. */
async function fault(client: RawClient, text: string): Promise<string> {
  client.raw(text);
  const error = await client.next('ERROR');
  expect((await client.ended).code).toBe(1002);
  expect(client.received.at(-1)).toBe(error);
  return error.headers.get('message') ?? '';
}

describe('connecting', () => {
  for (const command of ['CONNECT', 'STOMP']) {
    test(`C01, C02, C05, C06: ${command} is answered with the highest common version, session, server and heart-beat`, async () => {
      await using client = await RawClient.overWebSocket(node.url);
      client.send(command, { 'accept-version': '1.0,1.1,1.2,9.9', host: 'x' });
      const { headers } = await client.next('CONNECTED');
      expect(headers.get('version')).toBe('1.2');
      expect(headers.get('server')).toBe('cluster-chat/0.0.0');
      expect(headers.get('heart-beat')).toBe('10000,10000');
      expect(headers.get('session')).toMatch(/^[0-9a-f]{32}$/);
    });
  }

  test('C03: without accept-version the session speaks 1.0', async () => {
    await using client = await RawClient.overWebSocket(node.url);
    client.send('CONNECT');
    expect((await client.next('CONNECTED')).headers.get('version')).toBe('1.0');
  });

  test('C04: without a common version an ERROR names those spoken here, then the connection closes', async () => {
    await using client = await RawClient.overWebSocket(node.url);
    client.send('CONNECT', { 'accept-version': '2.0' });
    expect((await client.next('ERROR')).headers.get('version')).toBe('1.0,1.1,1.2');
    expect((await client.ended).code).toBe(1002);
  });

  test('C07: a wrong or missing login is refused with an ERROR, the right one is not', async () => {
    await using guarded = await openTestNode({}, { credential: { login: 'ann', passcode: 'canary' } });
    for (const headers of [{}, { login: 'ann' }, { login: 'ann', passcode: 'canarY' }, { passcode: 'canary' }]) {
      await using client = await RawClient.overWebSocket(guarded.url);
      client.send('CONNECT', { 'accept-version': '1.2', ...headers });
      const error = await client.next('ERROR');
      expect(error.headers.get('message')).toBe('Login refused.');
      expect((await client.ended).code).toBe(1008);
    }
    await using client = await RawClient.overWebSocket(guarded.url);
    await client.connect('1.2', { login: 'ann', passcode: 'canary' });
  });

  test('C09, limit 16: nothing is taken before CONNECT', async () => {
    await using client = await RawClient.overWebSocket(node.url);
    expect(await fault(client, frameText('SUBSCRIBE', { id: '1', destination: '/topic/a' }))).toContain('CONNECT');
  });

  test('C10, limit 16: a second CONNECT ends the session', async () => {
    await using client = await connected();
    expect(await fault(client, frameText('CONNECT', { 'accept-version': '1.2' }))).toContain('already connected');
  });

  test('H01: a heart-beat header that is not two integers is refused', async () => {
    await using client = await RawClient.overWebSocket(node.url);
    expect(await fault(client, 'CONNECT\naccept-version:1.2\nheart-beat:-1,soon\n\n\0')).toContain('heart-beat');
  });
});

describe('frames', () => {
  test('F13: frames are understood however they are cut and packed', async () => {
    await using client = await connected();
    const all =
      frameText('SUBSCRIBE', { id: '1', destination: '/topic/a' }) +
      '\n\r\n' +
      frameText('SEND', { destination: '/topic/a', receipt: 'r' }, 'x');
    for (const octet of all) client.raw(octet);
    const frames = [await client.next(), await client.next()];
    expect(frames.map((frame) => frame.command).sort()).toEqual(['MESSAGE', 'RECEIPT']);
  });

  test('F14: binary messages are taken like text', async () => {
    await using client = await connected();
    client.raw(Buffer.from(frameText('SUBSCRIBE', { id: '1', destination: '/topic/a', receipt: 'r' })));
    await client.next('RECEIPT');
  });

  test('F06, F07, F08: a body with NULs passes whole and is announced by content-length', async () => {
    await using client = await connected();
    await client.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
    const head = 'SEND\ndestination:/topic/a\ncontent-type:application/octet-stream\ncontent-length:4\n\n';
    client.raw(Buffer.concat([Buffer.from(head), Buffer.from([0, 255, 0, 1, 0])]));
    const { headers, body } = await client.next('MESSAGE');
    expect([...body]).toEqual([0, 255, 0, 1]);
    expect(headers.get('content-length')).toBe('4');
    expect(headers.get('content-type')).toBe('application/octet-stream');
  });

  test('F15: an unknown command ends the session with its receipt-id on the ERROR [X02, X03]', async () => {
    await using client = await connected();
    client.send('DANCE', { receipt: 'r-1' });
    const { headers } = await client.next('ERROR');
    expect(headers.get('message')).toBe('The command is unknown.');
    expect(headers.get('receipt-id')).toBe('r-1');
    expect((await client.ended).code).toBe(1002);
  });

  test('E05, limit 17: an undefined escape sequence is fatal', async () => {
    await using client = await connected();
    expect(await fault(client, 'SEND\ndestination:/topic/a\nx:a\\tb\n\n\0')).toContain('escape');
  });

  test('E06, limit 17: header text cannot inject a header, neither by a receipt nor by a MESSAGE', async () => {
    await using client = await connected();
    client.send('SUBSCRIBE', { id: 'i\\nevil\\c1', destination: '/topic/a', receipt: 'r\\nevil\\c1' });
    const receipt = await client.next('RECEIPT');
    expect(receipt.headers.get('receipt-id')).toBe('r\nevil:1');
    expect(receipt.headers.get('evil')).toBeUndefined();
    client.send('SEND', { destination: '/topic/a', x: 'a\\nevil\\c1' });
    const message = await client.next('MESSAGE');
    expect(message.headers.get('subscription')).toBe('i\nevil:1');
    expect(message.headers.get('x')).toBe('a\nevil:1');
    expect(message.headers.get('evil')).toBeUndefined();
  });
});

describe('DISCONNECT', () => {
  test('R03, X04: its receipt comes after everything that was accepted, and before the close', async () => {
    await using client = await connected();
    await client.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
    const burst = Array.from({ length: 500 }, (_, index) => frameText('SEND', { destination: '/topic/a' }, `${index}`));
    client.raw(burst.join('') + frameText('DISCONNECT', { receipt: 'bye' }));
    expect((await client.ended).code).toBe(1000);
    expect(client.received.at(-1)?.headers.get('receipt-id')).toBe('bye');
  });

  test('R05, limit 16: what follows it is ignored', async () => {
    await using other = await connected();
    await other.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
    await using client = await connected();
    const rest = frameText('SEND', { destination: '/topic/a' }, 'too late');
    client.raw(frameText('DISCONNECT', { receipt: 'bye' }) + rest);
    await client.next('RECEIPT');
    expect((await client.ended).code).toBe(1000);
    await other.asked('SEND', { destination: '/topic/a' }, 'marker');
    expect(await other.bodies(1)).toEqual(['marker']);
  });

  test('it may follow SUBSCRIBE at once: both receipts come', async () => {
    await using client = await connected();
    client.raw(
      frameText('SUBSCRIBE', { id: '1', destination: '/topic/a', receipt: 's' }) +
        frameText('DISCONNECT', { receipt: 'bye' }),
    );
    expect((await client.ended).code).toBe(1000);
    expect(client.received.slice(1).map((frame) => frame.headers.get('receipt-id'))).toEqual(['s', 'bye']);
  });
});
