import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BadRequest, httpInputs } from './http-inputs.js';
import { RawSocket } from './raw-socket.js';
import { RunningNode } from './running-node.js';

let node: RunningNode;
beforeAll(async () => {
  node = await RunningNode.start();
});
afterAll(() => node[Symbol.asyncDispose]());

/** Status and body of an answer that is whole: its length is told, or the connection has ended. */
function wholeAnswer({ received, isEnded }: RawSocket): { status: number; body: string } | undefined {
  const text = received.toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = text.slice(0, headEnd);
  const body = text.slice(headEnd + 4);
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (!isEnded && body.length < Number(length ?? Number.POSITIVE_INFINITY)) return undefined;
  return { status: Number(head.split(' ')[1]), body };
}

async function expectAnswer(socket: RawSocket, expected: BadRequest['expected']): Promise<void> {
  if (expected === 'is cut') {
    await socket.ended();
    expect(socket.received.toString()).toBe('');
    return;
  }
  const { status, body } = await socket.until(() => wholeAnswer(socket), 'whole answer');
  expect(status).toBe(expected.status);
  expect(body).toContain(expected.says ?? '');
  // Nothing of the request stands in the answer.
  expect(body).not.toMatch(/evil|rebound|passwd|mqtt|aaaa/);
}

test('there are 25 bad HTTP requests, each with its own name', () => {
  expect(new Set(httpInputs.map(({ name }) => name)).size).toBe(25);
});

describe('a bad request is answered with its status', () => {
  test.each(httpInputs)('$name', async ({ input, expected }) => {
    using socket = new RawSocket(node.port);
    socket.write(input);
    await expectAnswer(socket, expected);
    await node.expectServing();
  });

  test('what was no request, and what was refused, is counted', async () => {
    const counted = (how: BadRequest['countedAs']) => httpInputs.filter(({ countedAs }) => countedAs === how).length;
    expect(await node.metric('refused_connections_total')).toBe(counted('refused'));
    expect(await node.metric('bad_requests_total')).toBe(counted('unreadable'));
    expect(await node.metric('sessions')).toBe(2);
  });
});
