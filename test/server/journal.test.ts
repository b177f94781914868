import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { readJournals } from '../../src/record/journal-reader.js';
import { writeStamp } from '../../src/record/stamp.js';
import { messageKey } from '../../src/record/testimony.js';
import { Journal } from '../../src/server/journal.js';
import { RawClient } from './raw-client.js';
import { openTestNode } from './test-node.js';

const topic = '/topic/a';
const message = { publisher: 3, epoch: 1, destination: 2, sequence: 9 };
const stamp = { runNumber: 1, intendedAtMicros: 0, writtenAtMicros: 0, ...message };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function connect(url: string): Promise<{ client: RawClient; session: string }> {
  const client = await RawClient.overWebSocket(url);
  const { headers } = await client.connect('1.2');
  return { client, session: headers.get('session') ?? '' };
}

function send(client: RawClient, kind: 'm' | 'f'): Promise<unknown> {
  return client.asked('SEND', { destination: topic }, writeStamp({ kind, ...stamp }, 100).toString('latin1'));
}

function sought(...sessions: string[]) {
  return { messages: new Set([messageKey(message)]), sessions: new Set(sessions) };
}

test('A message of a load is followed from its publisher to each session that it was written to', async () => {
  await using node = await openTestNode({}, { journalFolder: folder });
  const [publisher, subscriber] = [await connect(node.url), await connect(node.url)];
  await subscriber.client.asked('SUBSCRIBE', { id: 's', destination: topic });
  await send(publisher.client, 'f');
  await send(publisher.client, 'm');
  await subscriber.client.next('MESSAGE');
  await subscriber.client.next('MESSAGE');
  const read = () => readJournals(folder, ['node-1'], sought(publisher.session, subscriber.session));
  await waitUntil(async () => (await read()).messages[messageKey(message)]?.written.length === 1, {
    timeoutMs: 30_000,
  });
  const { lives, sessions, messages } = await read();
  expect(messages).toEqual({
    [messageKey(message)]: { accepted: [0], passed: true, brought: [0], written: [subscriber.session] },
  });
  expect(sessions).toEqual({ [publisher.session]: [0, null], [subscriber.session]: [0, null] });
  expect(lives).toMatchObject([{ node: 0, isClosed: false }]);
});

test('The journal of a node that drains says that it is whole, and how each session ended', async () => {
  const node = await openTestNode({}, { journalFolder: folder });
  const { session } = await connect(node.url);
  await node.drain();
  const testimony = await readJournals(folder, ['node-1'], sought(session));
  expect(testimony.lives).toMatchObject([{ isClosed: true }]);
  expect(testimony.sessions).toEqual({ [session]: [0, 1001] });
});

test('Each life of a node has its own journal', async () => {
  for (let life = 0; life < 2; life++) {
    const node = await openTestNode({}, { journalFolder: folder });
    await node[Symbol.asyncDispose]();
  }
  const files = await readdir(folder);
  expect(files).toHaveLength(2);
  expect((await readJournals(folder, ['node-1'], sought())).lives).toHaveLength(2);
  const capped = await readJournals(folder, ['node-1'], { ...sought(), isCapped: true });
  expect(capped).toMatchObject({ isCapped: true, messages: {} });
});

test('A folder that is not there costs the journal, not the node', async () => {
  const lines: string[] = [];
  await using node = await openTestNode({}, { journalFolder: join(folder, 'gone'), log: (line) => lines.push(line) });
  const { client } = await connect(node.url);
  await send(client, 'm');
  expect(lines).toEqual([expect.stringContaining('no journal is kept')]);
  // Sessions leave no rows that nobody would ever write.
  using ended = new Journal(join(folder, 'gone'), 'node-1', () => undefined);
  expect([ended.opened('a'), ended.opened('b')]).toEqual([0, 0]);
});

test('A node without a journal folder leaves nothing behind', async () => {
  await using node = await openTestNode();
  const { client } = await connect(node.url);
  await send(client, 'm');
  expect(await readdir(folder)).toEqual([]);
});
