import { clientFrame, closeFrame, opcode } from './websocket-frame.js';

/** Octets beneath STOMP on an open WebSocket, and the only answer that is right. */
export interface BadOctets {
  readonly name: string;
  readonly input: Buffer;
  /** The code of the close frame; or the connection ends without one; or the session goes on. */
  readonly expected: { readonly code: number } | 'is cut' | 'goes on';
}

const { text, binary, continuation, ping, pong, close } = opcode;
const fault = { code: 1002 };
const notUtf8 = { code: 1007 };
const tooLarge = { code: 1009 };
const connect = 'CONNECT\naccept-version:1.2\nhost:/\n\n\0';
const euro = Buffer.from('€');

/** A message in so many fragments of one octet each. */
const inFragments = (count: number): Buffer =>
  Buffer.concat([
    clientFrame(text, '\n', { isUnfinished: true }),
    ...Array.from({ length: count - 1 }, () => clientFrame(continuation, '\n', { isUnfinished: true })),
  ]);

/** 25 bad inputs beneath STOMP. */
export const webSocketInputs: readonly BadOctets[] = [
  { name: 'a frame without mask', input: clientFrame(text, connect, { isUnmasked: true }), expected: fault },
  {
    name: 'the first reserved bit, though nothing is compressed',
    input: clientFrame(text, 'a', { reserved: 4 }),
    expected: fault,
  },
  { name: 'the second reserved bit', input: clientFrame(text, 'a', { reserved: 2 }), expected: fault },
  { name: 'the third reserved bit', input: clientFrame(text, 'a', { reserved: 1 }), expected: fault },
  { name: 'a reserved data opcode', input: clientFrame(0x3, 'a'), expected: fault },
  { name: 'a reserved control opcode', input: clientFrame(0xb), expected: fault },
  { name: 'an HTTP request', input: Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'), expected: fault },
  { name: 'a continuation of nothing', input: clientFrame(continuation, 'a'), expected: fault },
  {
    name: 'a new message within another',
    input: Buffer.concat([clientFrame(text, 'a', { isUnfinished: true }), clientFrame(text, 'b')]),
    expected: fault,
  },
  { name: 'a ping in fragments', input: clientFrame(ping, 'a', { isUnfinished: true }), expected: fault },
  { name: 'a ping of 126 octets', input: clientFrame(ping, 'a'.repeat(126)), expected: fault },
  { name: 'a close of one octet', input: clientFrame(close, '\x03'), expected: fault },
  { name: 'a close code below 1000', input: closeFrame(999), expected: fault },
  { name: 'the close code 1005, which is never sent', input: closeFrame(1005), expected: fault },
  { name: 'the close code 1006, which is never sent', input: closeFrame(1006), expected: fault },
  { name: 'a close code beyond 4999', input: closeFrame(5000), expected: fault },
  { name: 'a close reason that is not UTF-8', input: closeFrame(1000, Buffer.from([0xff])), expected: notUtf8 },
  { name: 'text that is not UTF-8', input: clientFrame(text, Buffer.from([0xff])), expected: notUtf8 },
  {
    name: 'text whose last character never ends',
    input: Buffer.concat([
      clientFrame(text, euro.subarray(0, 1), { isUnfinished: true }),
      clientFrame(continuation, euro.subarray(1, 2)),
    ]),
    expected: notUtf8,
  },
  {
    name: 'a length of more than 2^53',
    input: clientFrame(binary, '', { length: 2n ** 63n - 1n }),
    expected: tooLarge,
  },
  { name: 'a length of a terabyte', input: clientFrame(binary, '', { length: 2n ** 40n }), expected: tooLarge },
  {
    name: 'fragments that together are too long',
    input: Buffer.concat([
      clientFrame(binary, Buffer.alloc(60_000, 0x0a), { isUnfinished: true }),
      clientFrame(continuation, Buffer.alloc(60_000, 0x0a)),
    ]),
    expected: tooLarge,
  },
  { name: '70 fragments of one message', input: inFragments(70), expected: { code: 1008 } },
  {
    name: 'a thousand pings at once',
    input: Buffer.concat(Array.from({ length: 1_000 }, () => clientFrame(ping, 'a'))),
    expected: 'is cut',
  },
  {
    name: 'pongs that nobody asked for, an empty message, and a longer form of the length',
    input: Buffer.concat([clientFrame(pong, 'a'), clientFrame(text), clientFrame(text, '\n', { lengthBits: 64 })]),
    expected: 'goes on',
  },
];
