import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import type { Frame } from '../../src/stomp/frame.js';
import { PieceProcess } from '../broker/piece-process.js';
import { type HeaderLines, RawClient } from './raw-client.js';

const topic = '/topic/gaps';
let broker: PieceProcess;
let node: PieceProcess;
const clients: RawClient[] = [];
beforeEach(async () => {
  broker = await PieceProcess.broker();
  node = await PieceProcess.node('node-1', broker.port);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client[Symbol.asyncDispose]();
  await node[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
});

async function connected(): Promise<RawClient> {
  const client = await RawClient.overWebSocket(node.url);
  clients.push(client);
  await client.connect();
  return client;
}

async function subscribed(headers: HeaderLines = {}): Promise<{ client: RawClient; receipt: Frame }> {
  const client = await connected();
  return { client, receipt: await client.asked('SUBSCRIBE', { id: '1', destination: topic, ...headers }) };
}

function positionIn({ headers }: Frame): HeaderLines {
  return { epoch: headers.get('epoch') ?? '', offset: headers.get('offset') ?? '' };
}

/** The broker loses everything that it knew; the node has it back. */
async function loseEverything(): Promise<void> {
  await broker.end('SIGKILL');
  broker = await PieceProcess.broker(broker.port);
  const isReady = async () => (await fetch(`http://127.0.0.1:${node.http}/ready`)).status === 200;
  const gaps = async () => (await fetch(`http://127.0.0.1:${node.http}/metrics`)).text();
  const isTold = async () => /broker_gaps_total\{[^}]*\} [1-9]/.test(await gaps());
  expect(await waitUntil(async () => (await isTold()) && (await isReady()), { timeoutMs: 30_000 })).toBe(true);
}

test('a session that counts on recovery is told of a gap by an ERROR, and back again by recovered:false', async () => {
  const { client, receipt } = await subscribed({ recover: 'true' });
  await client.asked('SUBSCRIBE', { id: '2', destination: '/topic/of-no-interest' });
  await loseEverything();
  const error = await client.next('ERROR');
  expect(error.headers.get('message')).toBe('The broker lost messages of one subscription.');
  expect(error.body.toString()).toContain(`\n${topic}\n`);
  expect(error.body.toString()).not.toContain('of-no-interest');
  expect((await client.ended).code).toBe(4501);
  const again = await subscribed(positionIn(receipt));
  expect(again.receipt.headers.get('recovered')).toBe('false');
});

test('whoever came back with a position counts on recovery, too', async () => {
  const { receipt } = await subscribed();
  const { client, receipt: second } = await subscribed(positionIn(receipt));
  expect(second.headers.get('recovered')).toBe('true');
  await loseEverything();
  await client.next('ERROR');
  expect((await client.ended).code).toBe(4501);
});

test('a session that did not ask for recovery stays, and gets what comes after the gap', async () => {
  const { client } = await subscribed();
  await loseEverything();
  await (await connected()).asked('SEND', { destination: topic }, 'after');
  expect(await client.bodies(1)).toEqual(['after']);
});

test('many are told one batch after the other; what they are brought until then has no position that hides the gap', async () => {
  const many = await Promise.all(Array.from({ length: 300 }, () => subscribed({ recover: 'true' })));
  let ended = 0;
  for (const { client } of many) void client.ended.then(() => ended++);
  const publisher = await connected();
  // From before the loss on, so that it is there in the first moment after it: the node holds what it cannot publish.
  const publishing = (async () => {
    while (ended < many.length) {
      await publisher.asked('SEND', { destination: topic }, 'on and on');
    }
  })();
  await loseEverything();
  await publishing;
  for (const { client } of many) expect(client.received.map(({ command }) => command).at(-1)).toBe('ERROR');
  const messages = many.flatMap(({ client }) => client.received).filter(({ command }) => command === 'MESSAGE');
  const epochs = new Set(messages.map(({ headers }) => headers.get('epoch')));
  // What came before the loss has the position that it had.
  epochs.delete(many[0]?.receipt.headers.get('epoch'));
  expect(epochs).toEqual(new Set([undefined]));
  expect(messages.filter(({ headers }) => !headers.has('epoch') && headers.has('offset'))).toEqual([]);
});
