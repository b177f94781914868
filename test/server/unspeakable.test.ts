import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RelayNode } from '../../src/server/node.js';
import { RawClient } from './raw-client.js';
import { openTestBroker, openTestNode, testSecret } from './test-node.js';

let node: RelayNode;
beforeEach(async () => {
  node = await openTestNode();
});
afterEach(() => node[Symbol.asyncDispose]());

for (const version of ['1.0', '1.1'] as const) {
  test(`limit 18: a receipt that ${version} cannot express is answered with an ERROR, and the node lives on`, async () => {
    await using client = await RawClient.overWebSocket(node.url);
    await client.connect(version);
    client.send('SUBSCRIBE', { id: '1', destination: '/topic/a', receipt: 'a\rb' });
    expect((await client.next('ERROR')).headers.get('message')).toContain('receipt');
    expect((await client.ended).code).toBe(1002);
    await using other = await RawClient.overWebSocket(node.url);
    await other.connect();
  });

  test(`limit 18: a subscription id that ${version} cannot express is refused before it can spoil a fan-out`, async () => {
    await using client = await RawClient.overWebSocket(node.url);
    await client.connect(version);
    client.send('SUBSCRIBE', { id: 'a\rb', destination: '/topic/a', receipt: 'r' });
    const error = await client.next('ERROR');
    expect(error.headers.get('message')).toContain('id');
    expect(error.headers.get('receipt-id')).toBe('r');
    await using other = await RawClient.overWebSocket(node.url);
    await other.connect();
    await other.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
    await other.asked('SEND', { destination: '/topic/a' }, 'hello');
    expect(await other.bodies(1)).toEqual(['hello']);
  });
}

test('E06: a header that 1.0 and 1.1 cannot express is left out of the MESSAGE, never written raw', async () => {
  await using publisher = await RawClient.overWebSocket(node.url);
  await publisher.connect('1.2');
  await using old = await RawClient.overWebSocket(node.url);
  await old.connect('1.0');
  await old.asked('SUBSCRIBE', { destination: '/topic/a' });
  await using middle = await RawClient.overWebSocket(node.url);
  await middle.connect('1.1');
  await middle.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
  publisher.send('SEND', { destination: '/topic/a', bad: 'a\\nb\\rc', 'na\\cme': 'x', good: 'a\\\\b\\cc' }, 'body');
  const toOld = await old.next('MESSAGE');
  expect(toOld.headers.get('bad')).toBeUndefined();
  expect(toOld.headers.get('good')).toBe('a\\b:c');
  expect(toOld.headers.get('subscription')).toBeUndefined();
  const toMiddle = await middle.next('MESSAGE');
  expect(toMiddle.headers.get('bad')).toBeUndefined();
  expect(toMiddle.headers.get('na:me')).toBe('x');
  expect(toMiddle.headers.get('good')).toBe('a\\b:c');
});

test('limit 22: headers and ids called __proto__ and constructor are ordinary names', async () => {
  await using client = await RawClient.overWebSocket(node.url);
  await client.connect();
  await client.asked('SUBSCRIBE', { id: '__proto__', destination: '/topic/constructor' });
  await client.asked('BEGIN', { transaction: '__proto__' });
  client.raw('SEND\ndestination:/topic/constructor\ntransaction:__proto__\n__proto__:a\nconstructor:b\n\nhi\0');
  await client.asked('COMMIT', { transaction: '__proto__' });
  const message = await client.next('MESSAGE');
  expect(message.headers.get('subscription')).toBe('__proto__');
  expect(message.headers.get('__proto__')).toBe('a');
  expect(message.headers.get('constructor')).toBe('b');
  await client.asked('UNSUBSCRIBE', { id: '__proto__' });
});

test('limit 23: a message with as many and as long headers as a node takes passes the broker and comes back', async () => {
  await using broker = await openTestBroker();
  await using relay = await openTestNode({}, { broker: `embedded://127.0.0.1:${broker.port}`, secret: testSecret });
  await using client = await RawClient.overWebSocket(relay.url);
  await client.connect('1.0');
  await client.asked('SUBSCRIBE', { destination: '/topic/a' });
  const names = Array.from({ length: 98 }, (_, index) => `header-${index}`);
  await client.asked(
    'SEND',
    { destination: '/topic/a', ...Object.fromEntries(names.map((name) => [name, 'v'])) },
    'many',
  );
  // In 1.0 nothing is escaped; each of these octets becomes two on the way to the broker, which speaks 1.2.
  await client.asked('SEND', { destination: '/topic/a', long: '\\'.repeat(8_000) }, 'long');
  const [many, long] = [await client.next('MESSAGE'), await client.next('MESSAGE')];
  expect(names.every((name) => many.headers.get(name) === 'v')).toBe(true);
  expect(long.headers.get('long')).toBe('\\'.repeat(8_000));
});
