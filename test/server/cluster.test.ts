import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import type { Frame } from '../../src/stomp/frame.js';
import { PieceProcess } from '../broker/piece-process.js';
import { frameText, RawClient } from './raw-client.js';

const topic = '/topic/room.1';
let broker: PieceProcess;
let nodes: [PieceProcess, PieceProcess];
const clients: RawClient[] = [];
beforeEach(async () => {
  broker = await PieceProcess.broker();
  nodes = await Promise.all([PieceProcess.node('node-1', broker.port), PieceProcess.node('node-2', broker.port)]);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client[Symbol.asyncDispose]();
  for (const piece of [...nodes, broker]) await piece[Symbol.asyncDispose]();
});

async function connected(node: PieceProcess): Promise<RawClient> {
  const client = await RawClient.overWebSocket(node.url);
  clients.push(client);
  await client.connect();
  return client;
}

async function readyStatus(node: PieceProcess): Promise<number> {
  return (await fetch(`http://127.0.0.1:${node.http}/ready`)).status;
}

async function becomesReady(node: PieceProcess, status: number): Promise<void> {
  expect(await waitUntil(async () => (await readyStatus(node)) === status, { timeoutMs: 30_000 })).toBe(true);
}

function positionIn(frame: Frame): { epoch: string; offset: string } {
  return { epoch: frame.headers.get('epoch') ?? '', offset: frame.headers.get('offset') ?? '' };
}

function bodiesOf(client: RawClient): string[] {
  return client.received.filter((frame) => frame.command === 'MESSAGE').map((frame) => frame.body.toString());
}

test('2,000 messages from three sessions on two nodes reach everybody once, in the order of each publisher [G02]', async () => {
  const readers = [await connected(nodes[0]), await connected(nodes[1])];
  for (const reader of readers) await reader.asked('SUBSCRIBE', { id: '1', destination: topic });
  const publishers = [await connected(nodes[0]), await connected(nodes[1]), await connected(nodes[1])];
  const shares = [667, 667, 666];
  await Promise.all(
    publishers.map(async (publisher, who) => {
      for (let i = 0; i < (shares[who] ?? 0); i++) publisher.send('SEND', { destination: topic }, `${who}:${i}`);
      await publisher.asked('DISCONNECT');
    }),
  );
  for (const reader of readers) {
    await reader.until(() => bodiesOf(reader).length >= 2_000, '2,000 messages');
    shares.forEach((share, who) => {
      const own = bodiesOf(reader).filter((body) => body.startsWith(`${who}:`));
      expect(own).toEqual(Array.from({ length: share }, (_, i) => `${who}:${i}`));
    });
    const offsets = reader.received.filter((frame) => frame.command === 'MESSAGE').map((frame) => positionIn(frame));
    expect(offsets.map(({ offset }) => Number(offset))).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 1));
  }
});

test('a client of a node that is killed recovers on another one: nothing lost, nothing twice', async () => {
  const reader = await connected(nodes[0]);
  const subscribed = await reader.asked('SUBSCRIBE', { id: '1', destination: topic });
  expect(positionIn(subscribed).offset).toBe('0');
  const publisher = await connected(nodes[1]);
  for (const body of ['one', 'two']) await publisher.asked('SEND', { destination: topic }, body);
  const seen = [await reader.next('MESSAGE'), await reader.next('MESSAGE')];
  await nodes[0].end('SIGKILL');
  await reader.ended;
  for (const body of ['three', 'four']) await publisher.asked('SEND', { destination: topic }, body);
  const back = await connected(nodes[1]);
  const since = positionIn(seen[1] as Frame);
  back.send('SUBSCRIBE', { id: '1', destination: topic, receipt: 'back', ...since });
  // What was missed comes before the RECEIPT, which says where the subscriber stands.
  expect(await back.bodies(2)).toEqual(['three', 'four']);
  const receipt = await back.next('RECEIPT');
  expect(receipt.headers.get('recovered')).toBe('true');
  expect(positionIn(receipt)).toEqual({ epoch: since.epoch, offset: '4' });
  await publisher.asked('SEND', { destination: topic }, 'five');
  expect(await back.bodies(1)).toEqual(['five']);
});

test('a position that the history does not reach is answered with recovered:false and no message', async () => {
  const client = await connected(nodes[0]);
  await client.asked('SEND', { destination: topic }, 'old');
  const receipt = await client.asked('SUBSCRIBE', { id: '1', destination: topic, epoch: 'gone', offset: '0' });
  expect(receipt.headers.get('recovered')).toBe('false');
  expect(positionIn(receipt).offset).toBe('1');
  await client.asked('SEND', { destination: topic }, 'new');
  expect(await client.bodies(1)).toEqual(['new']);
});

test('while the broker is away nodes keep their clients, are not ready, refuse new ones and hold every receipt', async () => {
  const client = await connected(nodes[0]);
  await client.asked('SUBSCRIBE', { id: '1', destination: topic });
  await broker.end('SIGKILL');
  await becomesReady(nodes[0], 503);
  await expect(RawClient.overWebSocket(nodes[0].url)).rejects.toThrow('503');
  // The interest in a destination that others here listen to already is not in force either.
  client.raw(
    frameText('SUBSCRIBE', { id: '2', destination: topic, receipt: 'known' }) +
      frameText('SUBSCRIBE', { id: '3', destination: '/topic/new', receipt: 'new' }) +
      frameText('SEND', { destination: topic, receipt: 'sent' }, 'held') +
      frameText('BEGIN', { transaction: 't', receipt: 'begun' }),
  );
  // BEGIN and ABORT need no broker: their receipts show that the node has seen all of them and answered none.
  expect((await client.next('RECEIPT')).headers.get('receipt-id')).toBe('begun');
  client.send('ABORT', { transaction: 't', receipt: 'aborted' });
  expect((await client.next('RECEIPT')).headers.get('receipt-id')).toBe('aborted');
  broker = await PieceProcess.broker(broker.port);
  await client.until(() => bodiesOf(client).length === 2, 'both messages');
  const names = client.received.map((frame) => frame.headers.get('receipt-id') ?? frame.command).slice(3);
  expect(
    names
      .filter((name) => name !== 'MESSAGE')
      .slice(0, 2)
      .sort(),
  ).toEqual(['known', 'new']);
  await client.until(() => client.received.some((one) => one.headers.get('receipt-id') === 'sent'), 'its receipt');
  expect(bodiesOf(client)).toEqual(['held', 'held']);
  await becomesReady(nodes[0], 200);
});

test('beyond the bound a node refuses with an ERROR what it holds for a broker that stays away', async () => {
  const [sender, subscriber] = [await connected(nodes[0]), await connected(nodes[0])];
  await broker.end('SIGKILL');
  await becomesReady(nodes[0], 503);
  sender.send('SEND', { destination: topic, receipt: 's' });
  subscriber.send('SUBSCRIBE', { id: '1', destination: topic, receipt: 's' });
  for (const client of [sender, subscriber]) {
    const error = await client.next('ERROR');
    expect(error.headers.get('receipt-id')).toBe('s');
    expect((await client.ended).code).toBe(1013);
  }
});

test('SIGTERM drains a node: accepted work is finished, everybody gets 1001, the exit code is 0', async () => {
  const reader = await connected(nodes[1]);
  await reader.asked('SUBSCRIBE', { id: '1', destination: topic });
  const leaving = await Promise.all(Array.from({ length: 25 }, () => connected(nodes[0])));
  for (const client of leaving) client.send('SEND', { destination: topic, receipt: 'r' }, 'accepted');
  await reader.until(() => bodiesOf(reader).length > 0, 'a first message');
  const exit = nodes[0].end('SIGTERM');
  for (const client of leaving) expect((await client.ended).code).toBe(1001);
  expect(await exit).toBe(0);
  const answered = leaving.filter((client) => client.received.some((one) => one.command === 'RECEIPT')).length;
  await reader.until(() => bodiesOf(reader).length >= answered, 'every confirmed message');
});

test('a node that drains brings what its clients listen to until it closes, and says of nothing unsent that it came', async () => {
  const [listener, late] = [await connected(nodes[0]), await connected(nodes[0])];
  const { headers } = await listener.asked('SUBSCRIBE', { id: '1', destination: topic });
  for (const body of ['one', 'two']) await listener.asked('SEND', { destination: topic }, body);
  const goOn = await broker.pause();
  listener.send('SEND', { destination: topic, receipt: 'three' }, 'three');
  // It listens here already, so that only what it missed is asked for.
  const since = { epoch: headers.get('epoch') ?? '', offset: '0' };
  late.send('SUBSCRIBE', { id: '1', destination: topic, receipt: 'since', ...since });
  // The node has read both.
  for (const client of [listener, late]) await client.asked('BEGIN', { transaction: 't' });
  const exit = nodes[0].end('SIGTERM');
  goOn();
  for (const client of [listener, late]) expect((await client.ended).code).toBe(1001);
  expect(await exit).toBe(0);
  const isAnswered = (client: RawClient, id: string) =>
    client.received.some((one) => one.headers.get('receipt-id') === id);
  // A machine that stands still for as long as a drain may take sends no answer at all.
  if (isAnswered(listener, 'three')) expect(bodiesOf(listener)).toEqual(['one', 'two', 'three']);
  if (isAnswered(late, 'since')) expect(bodiesOf(late).slice(0, 2)).toEqual(['one', 'two']);
});

test('SIGTERM ends a broker with exit code 0', async () => {
  expect(await broker.end('SIGTERM')).toBe(0);
});
