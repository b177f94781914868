import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { FrameTap } from '../../src/client/frame-tap.js';

/** A frame as a server writes it [RFC 6455, 5.2]. */
function frame(firstByte: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  if (body.length < 126) return Buffer.concat([Buffer.from([firstByte, body.length]), body]);
  const isShort = body.length < 65_536;
  const head = Buffer.alloc(isShort ? 4 : 10);
  head[0] = firstByte;
  head[1] = isShort ? 126 : 127;
  if (isShort) head.writeUInt16BE(body.length, 2);
  else head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}

const text = (payload: string | Buffer) => frame(0x81, payload);
const binary = (payload: string) => frame(0x82, payload);
const ping = (payload: string) => frame(0x89, payload);
const close = frame(0x88, Buffer.from([3, 232]));

/** What the sink and the general reader see of chunks that come one after the other. */
function read(chunks: readonly Buffer[]): { payloads: string[]; left: Buffer } {
  const socket = new Socket();
  const payloads: string[] = [];
  const left: Buffer[] = [];
  socket.on('data', (chunk) => left.push(chunk));
  FrameTap.install(socket, {
    touched: () => undefined,
    payload: (bytes, from, to) => payloads.push(bytes.toString('utf8', from, to)),
  });
  for (const chunk of chunks) socket.emit('data', chunk);
  return { payloads, left: Buffer.concat(left) };
}

describe('the tap between socket and ws', () => {
  const usual = Buffer.concat([text('one'), binary('two'), text(''), text('x'.repeat(300)), text('five')]);
  const whole = ['one', 'two', '', 'x'.repeat(300), 'five'];

  it('gives the payloads of usual frames, wherever the stream is cut in two', () => {
    for (let cut = 0; cut <= usual.length; cut++) {
      const { payloads, left } = read([usual.subarray(0, cut), usual.subarray(cut)]);
      expect(payloads).toEqual(whole);
      expect(left).toHaveLength(0);
    }
  });

  it('gives the same when single octets come', () => {
    expect(read([...usual].map((octet) => Buffer.from([octet]))).payloads).toEqual(whole);
  });

  it('[RFC 6455, 5.5] leaves pings to ws and goes on after them', () => {
    const { payloads, left } = read([Buffer.concat([text('one'), ping('a'), text('two')])]);
    expect(payloads).toEqual(['one', 'two']);
    expect(left).toEqual(ping('a'));
  });

  const unusual: readonly (readonly [string, Buffer])[] = [
    ['a close', close],
    ['a fragmented message', Buffer.concat([frame(0x01, 'a'), frame(0x80, 'b')])],
    ['a reserved bit', frame(0xc1, 'a')],
    ['a reserved opcode', frame(0x83, 'a')],
    ['a masked frame', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])],
    ['a message of 64 KiB', text(Buffer.alloc(65_536, 'y'))],
  ];
  it.each(unusual)('leaves everything from %s on to ws, wherever it is cut', (_, bytes) => {
    const rest = Buffer.concat([bytes, text('later')]);
    const stream = Buffer.concat([text('one'), rest]);
    for (let cut = 0; cut <= Math.min(stream.length, 20); cut++) {
      const { payloads, left } = read([stream.subarray(0, cut), stream.subarray(cut)]);
      expect(payloads).toEqual(['one']);
      expect(left.equals(rest)).toBe(true);
    }
  });
});
