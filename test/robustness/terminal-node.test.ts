import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeFrame } from '../../src/stomp/encoder.js';
import { FrameHeaders } from '../../src/stomp/frame.js';
import { obeyedByTerminals } from '../report/hostile.js';
import { RawClient } from '../server/raw-client.js';
import { RunningNode } from './running-node.js';
import { hostileTexts } from './terminal-inputs.js';

const topic = '/topic/hostile-texts';
const speakable = hostileTexts.filter(({ isUnspeakable }) => isUnspeakable !== true);

let node: RunningNode;
beforeAll(async () => {
  node = await RunningNode.start();
});
afterAll(() => node[Symbol.asyncDispose]());

/** A frame as a correct client of 1.2 writes it. */
function frame(command: string, headers: Readonly<Record<string, string>>): Buffer {
  return encodeFrame({ command, headers: FrameHeaders.of(headers) }, '1.2');
}

/** A session whose user calls himself so, as far as CONNECT, which escapes nothing, can carry it. */
async function connectAs(text: string): Promise<RawClient> {
  const client = await RawClient.overWebSocket(node.url);
  const login: Record<string, string> = /[\r\n]/.test(text) ? {} : { login: text };
  await client.connect('1.2', login);
  return client;
}

async function expectPagesHarmless(): Promise<void> {
  for (const path of ['/health', '/ready', '/metrics', '/sessions', '/session']) {
    expect(obeyedByTerminals(await node.page(path))).toEqual([]);
  }
}

/** What HTTP answers to a user of that name. */
async function login(user: string): Promise<{ status: number; body: string; headers: string }> {
  const body = JSON.stringify({ user });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${node.port}/login`, { method: 'POST', headers, body });
  return { status: answer.status, body: await answer.text(), headers: JSON.stringify([...answer.headers]) };
}

test('there are 20 hostile texts, each with its own name', () => {
  expect(new Set(hostileTexts.map(({ name }) => name)).size).toBe(20);
});

describe('a node carries hostile text from client to client and shows it to nobody else', () => {
  test.each(speakable)('$name', async ({ text }) => {
    await using client = await connectAs(text);
    client.raw(frame('SUBSCRIBE', { id: text, destination: topic, receipt: text }));
    expect((await client.next('RECEIPT')).headers.get('receipt-id')).toBe(text);
    client.raw(frame('SEND', { destination: topic, [text]: text }));
    const { headers } = await client.next('MESSAGE');
    expect([headers.get('subscription'), headers.get(text)]).toEqual([text, text]);
    await expectPagesHarmless();

    client.raw(frame('SUBSCRIBE', { id: '2', destination: `/topic/${text}`, [text]: text }));
    const error = await client.next('ERROR');
    expect(obeyedByTerminals(`${error.headers.get('message')}\n${error.body}`)).toEqual([]);
    expect(`${error.headers.get('message')}${error.body}`).not.toContain(text);

    const answer = await login(text);
    expect(obeyedByTerminals(answer.body + answer.headers)).toEqual([]);
    expect(answer.body + answer.headers).not.toContain(text);
    expect(obeyedByTerminals(node.printed)).toEqual([]);
    await node.expectServing();
  });
});
