import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { LinkPassages } from '../../src/cluster/link-passages.js';
import { PassageDesk } from '../../src/proxy/passage-desk.js';

function newPassages(): LinkPassages {
  const desk = new PassageDesk();
  onTestFinished(() => desk[Symbol.asyncDispose]());
  return new LinkPassages(desk);
}

async function openToBroker(brokerUrl: string): Promise<LinkPassages> {
  const passages = newPassages();
  await passages.openToBroker(brokerUrl, ['node-1', 'node-2']);
  return passages;
}

test.each([
  ['embedded://127.0.0.1:4711', /^embedded:\/\/127\.0\.0\.1:\d+$/],
  ['redis://:a%40b@h.example:6380/3?mode=pubsub', /^redis:\/\/:a%40b@127\.0\.0\.1:\d+\/3\?mode=pubsub$/],
  ['amqp://u:p@[::1]/%2Fchat', /^amqp:\/\/u:p@127\.0\.0\.1:\d+\/%2Fchat$/],
  ['stomp://h?connections=shared', /^stomp:\/\/127\.0\.0\.1:\d+\/?\?connections=shared$/],
])('a node reaches %s by its passage, with everything but the address unchanged', async (url, expected) => {
  const passages = await openToBroker(url);
  const [first, second] = [passages.brokerUrlFor('node-1'), passages.brokerUrlFor('node-2')];
  expect(first).toMatch(expected);
  expect(second).toMatch(expected);
  expect(first).not.toBe(second);
});

test.each(['simple', 'rediss://h', 'amqps://u:canary@h', 'stomps://h'])(
  'the link to %s cannot be cut, which is said without its password',
  async (url) => {
    const opened = openToBroker(url);
    await expect(opened).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
    await expect(opened).rejects.not.toThrow('canary');
  },
);

test('a cut of what has no link names those that do, and mending what is whole does nothing', async () => {
  const passages = await openToBroker('redis://127.0.0.1');
  await expect(passages.cut('balancer')).rejects.toMatchObject({ hint: 'There are: node-1, node-2, broker' });
  expect(await passages.mend('broker')).toBe(false);
});

test('a cut that met no connection is not in force, but for what was cut before', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const passages = await openToBroker(`redis://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(await passages.cut('node-2')).toBe(0);
  expect(await passages.mend('broker')).toBe(false);
  const dial = connect(Number(new URL(passages.brokerUrlFor('node-1') ?? '').port), '127.0.0.1');
  const reset = once(dial, 'error');
  await once(server, 'connection');
  expect(await passages.cut('node-1')).toBe(1);
  await reset;
  // Of both nodes' links, which have no connection now.
  expect(await passages.cut('broker')).toBe(0);
  expect(await passages.mend('node-2')).toBe(false);
  expect(await passages.mend('node-1')).toBe(true);
});

test('clients and balancer reach a node by its passage, and one without a passage as it is', async () => {
  const passages = newPassages();
  const node = (name: string, port: number) => ({ name, host: '127.0.0.1', port, url: `ws://127.0.0.1:${port}/ws` });
  await passages.openToNodes([node('node-1', 4711)]);
  const { port, url } = passages.addressFor(node('node-1', 4711));
  expect(port).not.toBe(4711);
  expect(url).toBe(`ws://127.0.0.1:${port}/ws`);
  expect(passages.addressFor(node('node-2', 4712))).toEqual(node('node-2', 4712));
  await expect(passages.reset('broker', 'clients')).rejects.toMatchObject({ hint: 'There are: node-1' });
  expect(await passages.reset('node-1', 'clients')).toBe(0);
  expect(await passages.cure('node-1', 'clients', 'slice')).toBe(false);
});
