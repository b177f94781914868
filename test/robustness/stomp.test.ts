import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RawClient } from '../server/raw-client.js';
import type { BadFrames } from './bad-frames.js';
import { connectInputs } from './connect-inputs.js';
import { framingInputs } from './framing-inputs.js';
import { meaningInputs } from './meaning-inputs.js';
import { RunningNode } from './running-node.js';

/** 60 bad inputs in STOMP, as WebSocket messages. */
const stompInputs: readonly BadFrames[] = [...connectInputs, ...framingInputs, ...meaningInputs];

let node: RunningNode;
beforeAll(async () => {
  node = await RunningNode.start();
});
afterAll(() => node[Symbol.asyncDispose]());

async function speak({ from, after = '', input }: BadFrames): Promise<RawClient> {
  const client = await RawClient.overWebSocket(node.url, { subprotocols: ['v12.stomp', 'v11.stomp', 'v10.stomp'] });
  if (from !== 'stranger') await client.connect(from);
  if (after !== '') client.raw(after);
  client.raw(input);
  return client;
}

/** A session that goes on still gets what it asks for. */
async function expectGoesOn(client: RawClient, from: BadFrames['from']): Promise<void> {
  if (from === 'stranger') await client.connect();
  await client.asked('SEND', { destination: '/topic/bad-input' });
  expect(client.received.filter(({ command }) => command === 'ERROR')).toEqual([]);
}

/** What the peer is told, and nothing else before it. */
async function answerTo(client: RawClient): Promise<unknown> {
  const { code } = await client.ended;
  const said = client.received.filter(({ command }) => command !== 'CONNECTED');
  const error = said[0]?.headers.get('message');
  expect(said.map(({ command }) => command)).toEqual(error === undefined ? [] : ['ERROR']);
  return error === undefined ? { code } : { error, code };
}

test('there are 60 bad inputs in STOMP, each with its own name', () => {
  expect(new Set(stompInputs.map(({ name }) => name)).size).toBe(60);
});

describe('bad STOMP ends only the session of who sends it', () => {
  test.each(stompInputs)('$name', async (row) => {
    await using client = await speak(row);
    if (row.expected === 'goes on') await expectGoesOn(client, row.from);
    else expect(await answerTo(client)).toEqual(row.expected);
    await node.expectServing();
  });

  test('every ERROR was counted as a fault of the protocol', async () => {
    const faults = stompInputs.filter(({ expected }) => expected !== 'goes on' && expected.error !== undefined);
    expect(await node.metric('protocol_errors_total')).toBe(faults.length);
    expect(node.printed.trim().split('\n')).toHaveLength(1);
  });
});
