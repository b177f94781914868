import { expect, onTestFinished, test } from 'vitest';
import { BrokerPassages } from '../../src/cluster/broker-passages.js';

async function openPassages(brokerUrl: string): Promise<BrokerPassages> {
  const passages = await BrokerPassages.open(brokerUrl, ['node-1', 'node-2']);
  onTestFinished(() => passages[Symbol.asyncDispose]());
  return passages;
}

test.each([
  ['embedded://127.0.0.1:4711', /^embedded:\/\/127\.0\.0\.1:\d+$/],
  ['redis://:a%40b@h.example:6380/3?mode=pubsub', /^redis:\/\/:a%40b@127\.0\.0\.1:\d+\/3\?mode=pubsub$/],
  ['amqp://u:p@[::1]/%2Fchat', /^amqp:\/\/u:p@127\.0\.0\.1:\d+\/%2Fchat$/],
  ['stomp://h?connections=shared', /^stomp:\/\/127\.0\.0\.1:\d+\/?\?connections=shared$/],
])('a node reaches %s by its passage, with everything but the address unchanged', async (url, expected) => {
  const passages = await openPassages(url);
  const [first, second] = [passages.urlFor('node-1'), passages.urlFor('node-2')];
  expect(first).toMatch(expected);
  expect(second).toMatch(expected);
  expect(first).not.toBe(second);
});

test.each(['simple', 'rediss://h', 'amqps://u:canary@h', 'stomps://h'])(
  'the link to %s cannot be cut, which is said without its password',
  async (url) => {
    const opened = BrokerPassages.open(url, ['node-1']);
    await expect(opened).rejects.toMatchObject({ code: 'usage', exitCode: 2 });
    await expect(opened).rejects.not.toThrow('canary');
  },
);

test('a cut of what has no link names those that do, and mending what is whole does nothing', async () => {
  const passages = await openPassages('redis://127.0.0.1');
  await expect(passages.cut('balancer')).rejects.toMatchObject({ hint: 'There are: node-1, node-2, broker' });
  expect(passages.mend('broker')).toBe(false);
  expect(await passages.cut('node-2')).toBe(0);
  expect(passages.mend('node-1')).toBe(false);
  expect(passages.mend('broker')).toBe(true);
});
