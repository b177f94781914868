import { describe, expect, it } from 'vitest';
import { FrameDecoder } from '../../src/stomp/decoder.js';
import type { Frame } from '../../src/stomp/frame.js';
import { ProtocolError } from '../../src/stomp/protocol-error.js';
import { accepted } from './accepted-vectors.js';
import { cuttings, decodeChunks, decodeWhole } from './decoding.js';
import { refused } from './refused-vectors.js';
import type { Vector } from './vector.js';

function checkVector(vector: Vector): void {
  for (const version of vector.versions) {
    const bytes = Buffer.from(vector.input);
    const { title: _, versions: __, input: ___, ...wanted } = vector;
    const whole = decodeWhole(bytes, { version });
    expect(whole, version).toEqual({ heartbeats: whole.heartbeats, error: undefined, ...wanted });
    for (const chunks of cuttings(bytes)) {
      const { frames, heartbeats, error } = decodeChunks(chunks, { version });
      expect({ frames, heartbeats, error }, `${version}, cut ${chunks[0]?.length}`).toEqual(whole);
    }
  }
}

describe('the decoder, fed whole, in halves and octet by octet, reads:', () => {
  it.each(accepted)('$title', checkVector);
});

describe('the decoder, fed whole, in halves and octet by octet, refuses:', () => {
  it.each(refused)('$title', checkVector);
});

function collect(onFrame: (frame: Frame) => void = () => {}) {
  const commands: string[] = [];
  return {
    commands,
    frame: (frame: Frame) => {
      commands.push(frame.command);
      onFrame(frame);
    },
  };
}

describe('the decoder', () => {
  it('E02 applies a version that is set inside frame() to the next frame of the same chunk', () => {
    const decoder = new FrameDecoder();
    const sink = collect(() => {
      decoder.version = '1.1';
    });
    const input = Buffer.from('CONNECT\r\na:b\r\n\r\n\0SEND\na:\\r\n\n\0');
    expect(() => decoder.write(input, sink)).toThrow(expect.objectContaining({ reason: 'bad-escape' }));
    expect(sink.commands).toEqual(['CONNECT']);
  });

  it('keeps the version of a frame that has begun when another is set between two chunks', () => {
    const decoder = new FrameDecoder({ version: '1.2' });
    const values: (string | undefined)[] = [];
    const sink = collect((frame) => values.push(frame.headers.get('a')));
    decoder.write(Buffer.from('SEND\na:'), sink);
    decoder.version = '1.0';
    decoder.write(Buffer.from('\\r\n\n\0SEND\na:\\r\n\n\0'), sink);
    expect(values).toEqual(['\r', '\\r']);
  });

  it('R05 ignores the rest of the chunk and everything later after stop() inside frame()', () => {
    const decoder = new FrameDecoder();
    const sink = collect(() => decoder.stop());
    decoder.write(Buffer.from('DISCONNECT\n\n\0SEND\n\n\0nonsense'), sink);
    decoder.write(Buffer.from('\0\0\0'), sink);
    expect(sink.commands).toEqual(['DISCONNECT']);
    expect(decoder.pendingBytes).toBe(0);
  });

  it('F13 refuses further input with the same error after a fault', () => {
    const decoder = new FrameDecoder();
    const sink = collect();
    const errors: unknown[] = [];
    for (const text of ['bad\n', 'SEND\n\n\0']) {
      try {
        decoder.write(Buffer.from(text), sink);
      } catch (error) {
        errors.push(error);
      }
    }
    expect(errors).toHaveLength(2);
    expect(errors[0]).toBeInstanceOf(ProtocolError);
    expect(errors[1]).toBe(errors[0]);
    expect(sink.commands).toEqual([]);
  });

  it('passes on what a sink throws and is closed then', () => {
    const decoder = new FrameDecoder();
    const boom = new Error('boom');
    const sink = collect(() => {
      throw boom;
    });
    expect(() => decoder.write(Buffer.from('SEND\n\n\0SEND\n\n\0'), sink)).toThrow(boom);
    expect(() => decoder.write(Buffer.from('SEND\n\n\0'), sink)).toThrow(boom);
    expect(sink.commands).toEqual(['SEND']);
  });

  it('F13 reports the octets of the unfinished frame', () => {
    const decoder = new FrameDecoder();
    const sink = collect();
    const pending: number[] = [];
    for (const text of ['\n', '\r', '\n', 'SEN', 'D\ncontent-length:4\n', '\n', 'ab', 'cd', '\0', '\nSEND\n\n\0S']) {
      decoder.write(Buffer.from(text), sink);
      pending.push(decoder.pendingBytes);
    }
    expect(pending).toEqual([0, 1, 0, 3, 22, 23, 25, 27, 0, 1]);
    expect(sink.commands).toEqual(['SEND', 'SEND']);
  });

  it('hands out the body of a whole frame as a view of the chunk, without copying', () => {
    const decoder = new FrameDecoder();
    const chunk = Buffer.from('SEND\n\nbody\0');
    decoder.write(chunk, {
      frame: ({ body }) => {
        expect(body.toString()).toBe('body');
        expect(body.buffer).toBe(chunk.buffer);
        expect(body.byteOffset).toBe(chunk.byteOffset + 6);
      },
    });
    expect.assertions(3);
  });

  it('does not let the body of a split frame change with the memory of its chunks', () => {
    const decoder = new FrameDecoder();
    const bodies: Buffer[] = [];
    const sink = collect((frame) => bodies.push(frame.body));
    for (const text of ['SEND\n\nbo', 'dy\0SEND\n\nne', 'xt\0']) {
      const chunk = Buffer.from(text);
      decoder.write(chunk, sink);
      chunk.fill(0x21);
    }
    expect(bodies.map(String)).toEqual(['body', 'next']);
  });
});
