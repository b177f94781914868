import { describe, expect, it } from 'vitest';
import { FrameDecoder } from '../../src/stomp/decoder.js';
import { type CodecLimits, defaultLimits } from '../../src/stomp/limits.js';
import { ProtocolError } from '../../src/stomp/protocol-error.js';
import { allVersions, cuttings, decodeChunks, decodeWhole } from './decoding.js';

const limits: CodecLimits = {
  maxCommandBytes: 8,
  maxHeaders: 3,
  maxHeaderLineBytes: 10,
  maxHeaderBlockBytes: 24,
  maxBodyBytes: 6,
};

const atTheLimit = [
  ['L02 a command of 8 octets', 'ABCDEFGH\n\n\0'],
  ['L02 a header line of 10 octets', 'BEGIN\na:23456789\n\n\0'],
  ['L02 a header line of 10 octets in UTF-8', 'BEGIN\na:€€x9\n\n\0'],
  ['L01 three headers', 'BEGIN\na:1\nb:2\nc:3\n\n\0'],
  ['L02 a header block of 24 octets', 'BEGIN\na:345678\na:345678\na:345\n\n\0'],
  ['L03 a body of 6 octets', 'SEND\n\n123456\0'],
  ['L03 a body of 6 octets after a header', 'SEND\nx:1\n\n123456\0'],
] as const;

const overTheLimit = [
  ['L02 a command of 9 octets', 'ABCDEFGHI\n\n\0', 'maxCommandBytes'],
  ['L02 a command without end', 'A'.repeat(40), 'maxCommandBytes'],
  ['L02 a header line of 11 octets', 'BEGIN\na:234567890\n\n\0', 'maxHeaderLineBytes'],
  ['L02 a header line without end', `BEGIN\na:${'x'.repeat(60)}`, 'maxHeaderLineBytes'],
  ['L01 four headers', 'BEGIN\na:1\nb:2\nc:3\nd:4\n\n\0', 'maxHeaders'],
  ['L01 the same header four times', 'BEGIN\na:1\na:1\na:1\na:1\n\n\0', 'maxHeaders'],
  ['L02 a header block of 25 octets', 'BEGIN\na:345678\na:345678\na:3456\n\n\0', 'maxHeaderBlockBytes'],
  ['L02 a header block without end', 'BEGIN\na:345678\na:345678\na:345678', 'maxHeaderBlockBytes'],
  ['L03 a body of 7 octets', 'SEND\n\n1234567\0', 'maxBodyBytes'],
  ['L03 a body without NUL', `SEND\n\n${'x'.repeat(80)}`, 'maxBodyBytes'],
] as const;

describe('the decoder accepts, however the octets are cut,', () => {
  it.each(atTheLimit)('%s', (_title, text) => {
    for (const version of allVersions) {
      for (const input of version === '1.2' ? [text, text.replaceAll('\n', '\r\n')] : [text]) {
        // The ends of the lines count for the block, so that only lines and numbers can be tried with CR LF there.
        if (input.includes('\r') && text.includes('345678')) continue;
        for (const chunks of cuttings(Buffer.from(input))) {
          const { frames, error } = decodeChunks(chunks, { version, limits });
          expect({ count: frames.length, error }).toEqual({ count: 1, error: undefined });
        }
      }
    }
  });
});

describe('the decoder refuses, with the name of the limit and however the octets are cut,', () => {
  it.each(overTheLimit)('%s', (_title, text, limit) => {
    for (const version of allVersions) {
      for (const chunks of cuttings(Buffer.from(text))) {
        const { frames, error } = decodeChunks(chunks, { version, limits });
        expect({ frames, error }).toEqual({ frames: [], error: `limit ${limit}` });
      }
    }
  });
});

/** Number of octets that the decoder takes one by one before it refuses. */
function octetsTaken(text: string): number {
  const decoder = new FrameDecoder({ limits });
  const sink = { frame: () => {} };
  let taken = 0;
  try {
    for (const character of text) {
      decoder.write(Buffer.from(character), sink);
      taken += 1;
    }
  } catch (error) {
    expect(error).toMatchObject({ reason: 'limit' });
  }
  return taken;
}

describe('the decoder', () => {
  it('L01 L02 L03 refuses at the first octet that cannot be within the limit', () => {
    const x = 'x'.repeat(100);
    // A command or a line may have a carriage return after its last octet, and then must have a line feed.
    expect(octetsTaken('A'.repeat(100))).toBe(limits.maxCommandBytes + 1);
    expect(octetsTaken(`BEGIN\na:${x}`)).toBe('BEGIN\n'.length + limits.maxHeaderLineBytes + 1);
    expect(octetsTaken(`BEGIN\n${'a:3456789\n'.repeat(9)}`)).toBe('BEGIN\n'.length + limits.maxHeaderBlockBytes + 1);
    expect(octetsTaken('BEGIN\na:1\nb:2\nc:3\nd:4\n\n')).toBe('BEGIN\na:1\nb:2\nc:3\nd:4'.length);
    expect(octetsTaken(`SEND\n\n${x}`)).toBe('SEND\n\n'.length + limits.maxBodyBytes);
  });

  it('L03 refuses a content-length over the limit before any of the body has arrived', () => {
    for (const length of ['65537', '9999999999']) {
      expect(decodeWhole(`SEND\ncontent-length:${length}\n\n`, { version: '1.2' }).error).toBe('limit maxBodyBytes');
    }
    expect(decodeWhole('SEND\ncontent-length:65536\n\n', { version: '1.2' }).error).toBeUndefined();
  });

  it('L03 accepts a body of exactly 64 KiB and refuses one octet more, announced or not', () => {
    for (const bytes of [65_536, 65_537]) {
      const body = Buffer.alloc(bytes, 'x');
      const nul = Buffer.from('\0');
      const plain = Buffer.concat([Buffer.from('SEND\n\n'), body, nul]);
      const announced = Buffer.concat([Buffer.from(`SEND\ncontent-length:${bytes}\n\n`), body, nul]);
      const wanted = bytes === 65_536 ? undefined : 'limit maxBodyBytes';
      expect(decodeWhole(plain, { version: '1.2' }).error).toBe(wanted);
      expect(decodeWhole(announced, { version: '1.2' }).error).toBe(wanted);
    }
  });

  it('names the limit and its value, and asks for close code 1009', () => {
    const decoder = new FrameDecoder();
    const sink = { frame: () => {} };
    let thrown: unknown;
    try {
      decoder.write(Buffer.from('A'.repeat(100)), sink);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ProtocolError);
    expect(thrown).toMatchObject({ reason: 'limit', limit: 'maxCommandBytes', closeCode: 1009 });
    expect((thrown as ProtocolError).message).toBe('the frame exceeds the limit maxCommandBytes of 32');
    expect(new ProtocolError('bad-header', 'x').closeCode).toBe(1002);
  });

  const floods = {
    command: { head: '', drop: 'A' },
    'header line': { head: 'SEND\n', drop: 'a:bcdefgh' },
    'header block': { head: 'SEND\n', drop: `a:${'b'.repeat(1000)}\n` },
    'end of lines in a block': { head: 'SEND\n', drop: 'a:b\r\n' },
    body: { head: 'SEND\n\n', drop: 'x'.repeat(100) },
    'announced body': { head: 'SEND\ncontent-length:65536\n\n', drop: 'x'.repeat(100) },
  };

  it.each(Object.entries(floods))('holds no more than the limits of a flood: %s', (_title, { head, drop }) => {
    const { maxCommandBytes, maxHeaderBlockBytes, maxBodyBytes } = defaultLimits;
    const flood = function* () {
      yield Buffer.from(head);
      for (let sent = 0; sent < 200_000; sent += drop.length) yield Buffer.from(drop);
    };
    const { error, maxPendingBytes } = decodeChunks(flood(), { version: '1.2' });
    expect(error).toBeDefined();
    expect(maxPendingBytes).toBeGreaterThan(0);
    expect(maxPendingBytes).toBeLessThanOrEqual(maxCommandBytes + maxHeaderBlockBytes + maxBodyBytes + 4);
  });

  it('does not keep a large chunk alive for the small rest of a frame', () => {
    const decoder = new FrameDecoder();
    const bodies: Buffer[] = [];
    const sink = { frame: ({ body }: { body: Buffer }) => void bodies.push(body) };
    const chunk = Buffer.alloc(60_000, '\n');
    chunk.write('SEND\n\nab', chunk.length - 8);
    decoder.write(chunk, sink);
    decoder.write(Buffer.from('c\0'), sink);
    expect(bodies.map(String)).toEqual(['abc']);
    expect(bodies[0]?.buffer).not.toBe(chunk.buffer);
  });
});
