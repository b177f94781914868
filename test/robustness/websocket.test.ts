import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRawWebSocket, type RawSocket, serverFrames } from './raw-socket.js';
import { RunningNode } from './running-node.js';
import { clientFrame, opcode } from './websocket-frame.js';
import { type BadOctets, webSocketInputs } from './websocket-inputs.js';

let node: RunningNode;
beforeAll(async () => {
  node = await RunningNode.start();
});
afterAll(() => node[Symbol.asyncDispose]());

function closeCode(socket: RawSocket): number | undefined {
  return serverFrames(socket.received)
    .find(({ code }) => code === opcode.close)
    ?.payload.readUInt16BE(0);
}

function texts(socket: RawSocket): string {
  return serverFrames(socket.received)
    .filter(({ code }) => code === opcode.text)
    .map(({ payload }) => payload.toString())
    .join('');
}

async function expectAnswer(socket: RawSocket, expected: BadOctets['expected']): Promise<void> {
  if (expected === 'is cut') {
    await socket.ended();
    expect(closeCode(socket)).toBeUndefined();
    return;
  }
  if (expected !== 'goes on') {
    expect(await socket.until(() => closeCode(socket), 'close frame')).toBe(expected.code);
    // No STOMP was understood of it.
    expect(texts(socket)).toBe('');
    return;
  }
  socket.write(clientFrame(opcode.text, 'CONNECT\naccept-version:1.2\nhost:/\n\n\0'));
  await socket.until(() => (texts(socket).startsWith('CONNECTED\n') ? true : undefined), 'CONNECTED');
}

test('there are 25 bad inputs beneath STOMP, each with its own name', () => {
  expect(new Set(webSocketInputs.map(({ name }) => name)).size).toBe(25);
});

describe('octets that are no WebSocket frame are answered with their close code', () => {
  test.each(webSocketInputs)('$name', async ({ input, expected }) => {
    using socket = await openRawWebSocket(node.port);
    socket.write(input);
    await expectAnswer(socket, expected);
    await node.expectServing();
  });

  test('every close was counted as a fault of the protocol', async () => {
    const faults = webSocketInputs.filter(({ expected }) => typeof expected === 'object');
    expect(await node.metric('protocol_errors_total')).toBe(faults.length);
    expect(node.printed.trim().split('\n')).toHaveLength(1);
  });
});
