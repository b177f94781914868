import { expect, test } from 'vitest';
import { RawClient } from './raw-client.js';
import { metricOf, openTestNode } from './test-node.js';

const topic = '/topic/a';
const body = 'x'.repeat(60_000);

/** One client that stops reading, one that reads on, and a publisher. */
async function openThree(url: string) {
  const [slow, good, publisher] = await Promise.all([
    RawClient.overWebSocket(url),
    RawClient.overWebSocket(url),
    RawClient.overWebSocket(url),
  ]);
  for (const client of [slow, good, publisher]) await client.connect();
  for (const client of [slow, good]) await client.asked('SUBSCRIBE', { id: '1', destination: topic });
  slow.pause();
  return { slow, good, publisher };
}

test('limit 13: a session with more than 512 KiB unsent is closed with 4500; others get everything', async () => {
  await using node = await openTestNode();
  const { slow, good, publisher } = await openThree(node.url);
  let sent = 0;
  // The kernel takes some megabytes before anything waits in the node.
  while ((await metricOf(node.port, 'slow_consumers_total')) === 0) {
    await publisher.asked('SEND', { destination: topic, number: `${sent++}` }, body);
    expect(sent).toBeLessThan(1_000);
  }
  slow.resume();
  expect((await slow.ended).code).toBe(4500);
  for (let i = 0; i < sent; i++) expect((await good.next('MESSAGE')).headers.get('number')).toBe(`${i}`);
  await expect.poll(() => metricOf(node.port, 'unsent_bytes'), { timeout: 30_000 }).toBe(0);
  for (const client of [good, publisher]) await client[Symbol.asyncDispose]();
});

test('limit 13: a session whose oldest unsent byte is too old is closed with 4500, by the timer alone', async () => {
  await using node = await openTestNode({ maxUnsentBytes: 64 * 1_048_576, maxUnsentMs: 500 });
  const { slow, good, publisher } = await openThree(node.url);
  for (let sent = 0; (await metricOf(node.port, 'unsent_bytes')) === 0; sent++) {
    await publisher.asked('SEND', { destination: topic }, body);
    expect(sent).toBeLessThan(1_000);
  }
  await expect.poll(() => metricOf(node.port, 'slow_consumers_total'), { timeout: 20_000 }).toBe(1);
  slow.resume();
  expect((await slow.ended).code).toBe(4500);
  await good.asked('UNSUBSCRIBE', { id: '1' });
  for (const client of [good, publisher]) await client[Symbol.asyncDispose]();
});

test('limit 13: a peer that never reads its close is cut after the close timeout', async () => {
  await using node = await openTestNode({ closeTimeoutMs: 300 });
  const { slow, good, publisher } = await openThree(node.url);
  for (let sent = 0; (await metricOf(node.port, 'slow_consumers_total')) === 0; sent++) {
    await publisher.asked('SEND', { destination: topic }, body);
    expect(sent).toBeLessThan(1_000);
  }
  await expect.poll(() => metricOf(node.port, 'sessions'), { timeout: 20_000 }).toBe(2);
  await expect.poll(() => metricOf(node.port, 'unsent_bytes'), { timeout: 20_000 }).toBe(0);
  for (const client of [slow, good, publisher]) await client[Symbol.asyncDispose]();
});

test('limit 14: while all sessions together wait with too many bytes publishes are refused with an ERROR', async () => {
  await using node = await openTestNode({ maxUnsentBytes: 64 * 1_048_576, maxTotalUnsentBytes: 100_000 });
  const { slow, good, publisher } = await openThree(node.url);
  publisher.send('SEND', { destination: topic }, body);
  const send = setInterval(() => publisher.send('SEND', { destination: topic, receipt: 'r' }, body), 5);
  await publisher.until(() => publisher.received.some((frame) => frame.command === 'ERROR'), 'ERROR');
  clearInterval(send);
  const error = publisher.received.find((frame) => frame.command === 'ERROR');
  expect(error?.headers.get('message')).toContain('too many unsent');
  expect((await publisher.ended).code).toBe(1013);
  for (const client of [slow, good]) await client[Symbol.asyncDispose]();
});
