import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.js';
import { openBroker } from '../../src/broker/open-broker.js';
import { waitUntil } from '../../src/core/clock.js';
import { EventLog, messageFor } from './contract.js';
import { CuttableLink } from './cuttable-link.js';
import { PieceProcess, processSecret } from './piece-process.js';

const topic = '/topic/faults';
let brokerProcess: PieceProcess;
let link: CuttableLink;
let log: EventLog;
let broker: Broker;

function openThrough(port: number, events: EventLog): Promise<Broker> {
  return openBroker({ address: `embedded://127.0.0.1:${port}`, secret: processSecret }, events);
}

async function becomes(status: Broker['status']): Promise<void> {
  expect(await waitUntil(() => broker.status === status, { timeoutMs: 30_000 })).toBe(true);
}

beforeEach(async () => {
  brokerProcess = await PieceProcess.broker();
  link = await CuttableLink.open(brokerProcess.port);
  log = new EventLog();
  broker = await openThrough(link.port, log);
});
afterEach(async () => {
  await broker[Symbol.asyncDispose]();
  await link[Symbol.asyncDispose]();
  await brokerProcess[Symbol.asyncDispose]();
});

test('a connection cut again and again while the broker lives loses nothing, repeats nothing and keeps the order', async () => {
  await broker.watch(topic);
  const numbers = Array.from({ length: 900 }, (_, index) => `${index}`);
  const confirmed: Promise<void>[] = [];
  for (const text of numbers) {
    confirmed.push(broker.publish(messageFor(topic, text)));
    // In the middle of what was just written, and at some distance from it.
    if (Number(text) % 300 === 150) {
      await log.count(Number(text) - 100);
      const before = link.connections;
      link.cut();
      expect(await waitUntil(() => link.connections > before, { timeoutMs: 30_000 })).toBe(true);
    }
  }
  await Promise.all(confirmed);
  await log.count(numbers.length);
  expect(log.bodies).toEqual(numbers);
  expect(log.gaps).toEqual([]);
  expect(link.connections).toBe(4);
});

test('what others publish while the connection is cut comes afterwards', async () => {
  await broker.watch(topic);
  await using other = await openThrough(brokerProcess.port, new EventLog());
  link.cut();
  await becomes('away');
  await other.publish({ ...messageFor(topic, 'meanwhile'), id: 'other:1' });
  await becomes('ready');
  await log.count(1);
  await other.publish({ ...messageFor(topic, 'later'), id: 'other:2' });
  await log.count(2);
  expect(log.bodies).toEqual(['meanwhile', 'later']);
});

test('a broker that was killed and comes back empty: publishes and interests wait for it, and the gap is told', async () => {
  await broker.watch(topic);
  await broker.publish(messageFor(topic, 'before'));
  await log.count(1);
  await brokerProcess.end('SIGKILL');
  await becomes('away');
  const settled: string[] = [];
  const held = broker.publish(messageFor(topic, 'held')).then(() => settled.push('publish'));
  const again = broker.watch(topic).then(() => settled.push('watched before'));
  const fresh = broker.watch('/topic/new').then(() => settled.push('new'));
  brokerProcess = await PieceProcess.broker(brokerProcess.port);
  expect(broker.status === 'ready' ? [] : settled).toEqual([]);
  await Promise.all([held, again, fresh]);
  await becomes('ready');
  // Interest is in force before anything is published, so that the node's own clients miss nothing of it.
  expect(settled.at(-1)).toBe('publish');
  await log.count(2);
  expect(log.bodies).toEqual(['before', 'held']);
  expect(log.gaps).toEqual([topic]);
  expect(log.messages[1]?.position?.epoch).not.toBe(log.messages[0]?.position?.epoch);
});

test('a broker that is paused is noticed as away; afterwards everything held is there once', async () => {
  await broker.watch(topic);
  brokerProcess.child.kill('SIGSTOP');
  const first = broker.publish(messageFor(topic, 'one'));
  await becomes('away');
  const second = broker.publish(messageFor(topic, 'two'));
  brokerProcess.child.kill('SIGCONT');
  await Promise.all([first, second]);
  await broker.publish(messageFor(topic, 'three'));
  await log.count(3);
  expect(log.bodies).toEqual(['one', 'two', 'three']);
  expect(log.gaps).toEqual([]);
});

test('a replay that is under way when the connection is cut is asked again', async () => {
  const start = await broker.watch(topic);
  for (const text of ['one', 'two']) await broker.publish(messageFor(topic, text));
  const replaying = broker.replay(topic, start ?? { epoch: '', offset: 0 });
  link.cut();
  const replay = await replaying;
  expect(replay.recovered ? replay.messages.map((message) => message.body.toString()) : []).toEqual(['one', 'two']);
});

test('a broker that refuses the secret is no broker', async () => {
  const address = `embedded://127.0.0.1:${brokerProcess.port}`;
  const wrong = openBroker({ address, secret: 'canary' }, new EventLog());
  await expect(wrong).rejects.toMatchObject({ code: 'broker-unreachable', message: expect.stringContaining('Login') });
  await expect(wrong).rejects.not.toThrow('canary');
});

test('an address where nothing listens is told with its cure', async () => {
  await brokerProcess.end('SIGKILL');
  await expect(openThrough(brokerProcess.port, new EventLog())).rejects.toMatchObject({ code: 'broker-unreachable' });
});
