import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../src/stomp/encoder.js';
import { escapeWith, escapingOf, unescapeHeader } from '../../src/stomp/escape.js';
import { FrameHeaders, type StompVersion } from '../../src/stomp/frame.js';
import type { CodecLimits } from '../../src/stomp/limits.js';
import { messageHead, messageTail } from '../../src/stomp/prepared-message.js';
import { propertyRuns } from '../property-runs.js';
import { allVersions, cutAt, decodeChunks } from './decoding.js';

const runs = propertyRuns(10_000);

/** Small limits, so that short inputs reach them. */
const small: CodecLimits = {
  maxCommandBytes: 10,
  maxHeaders: 3,
  maxHeaderLineBytes: 20,
  maxHeaderBlockBytes: 40,
  maxBodyBytes: 12,
};
/** The limits together, and an end of line each for command, last header line and blank line. */
const smallSum = small.maxCommandBytes + small.maxHeaderBlockBytes + small.maxBodyBytes + 6;

const version = fc.constantFrom(...allVersions);
const offsets = fc.array(fc.nat(200), { maxLength: 6 });
const body = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

/** Text with many of the characters that matter to the framing, without what that version cannot express. */
function text(of: StompVersion, part: 'name' | 'value', minLength = 0): fc.Arbitrary<string> {
  const marks = [
    ':',
    '\\',
    '\n',
    '\r',
    'c',
    'n',
    'r',
    ' ',
    '\t',
    'é',
    '€',
    '😀',
    '\ufeff',
    '\ufffd',
    '\u0085',
    '\u2028',
  ];
  const forbidden: readonly string[] = {
    '1.0': part === 'name' ? ['\n', '\r', ':'] : ['\n', '\r'],
    '1.1': ['\r'],
    '1.2': [],
  }[of];
  const unit = fc
    .oneof(fc.constantFrom(...marks), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }))
    .filter((character) => character !== '\0' && !forbidden.includes(character));
  return fc.string({ unit, minLength, maxLength: 12 });
}

function headers(of: StompVersion): fc.Arbitrary<[string, string][]> {
  const name = text(of, 'name', 1).filter((word) => word !== 'content-length');
  return fc.array(fc.tuple(name, text(of, 'value')), { maxLength: 6 });
}

/** Octets that look like frames, with a mistake here and there. */
const almostFrames = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('SEND', 'CONNECT', 'MESSAGE', 'BEGIN', 'a:b', 'content-length:', 'x') },
      { weight: 8, arbitrary: fc.constantFrom('\n', '\n\n', '\0', '\r\n', ':', '\\c', '\\', '3', '\r', 'ü') },
      {
        weight: 3,
        arbitrary: fc.constantFrom('SEND\ncontent-length:3\n\na\0b\0', 'BEGIN\na:b\n\n\0', 'SEND\n\nx\0\n'),
      },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('latin1')) },
    ),
    { maxLength: 24 },
  )
  .chain((parts) =>
    fc.constantFrom<BufferEncoding>('utf8', 'latin1').map((charset) => Buffer.from(parts.join(''), charset)),
  );

describe.each(allVersions)('in STOMP %s, for arbitrary frames,', (of) => {
  it('E06 F07 F13 what was encoded is decoded again, however it is cut', () => {
    const frames = fc.array(fc.record({ headers: headers(of), body }), { minLength: 1, maxLength: 3 });
    const property = fc.property(frames, offsets, (sent, cuts) => {
      const bytes = Buffer.concat(
        sent.map((frame) =>
          encodeFrame({ command: 'SEND', headers: new FrameHeaders(frame.headers.flat()), body: frame.body }, of),
        ),
      );
      const wanted = sent.map((frame) => {
        const length: [string, string][] = frame.body.length > 0 ? [['content-length', String(frame.body.length)]] : [];
        return { command: 'SEND', headers: [...frame.headers, ...length], body: frame.body.toString('latin1') };
      });
      const { frames: received, error } = decodeChunks(cutAt(bytes, cuts), { version: of });
      expect(error).toBeUndefined();
      expect(received).toEqual(wanted);
    });
    fc.assert(property, runs);
  });

  it('E06 G01 a prepared message is decoded again with its subscription and ack', () => {
    const id = fc.option(text(of, 'value'), { nil: undefined });
    const property = fc.property(headers(of), body, id, id, (common, content, subscription, ack) => {
      const kept = common.filter(([name]) => name !== 'subscription' && name !== 'ack');
      const tail = messageTail({ headers: new FrameHeaders(common.flat()), body: content }, of);
      const { frames, error } = decodeChunks([messageHead(subscription, ack, of), tail], { version: of });
      const own: [string, string][] = [];
      if (subscription !== undefined) own.push(['subscription', subscription]);
      if (ack !== undefined) own.push(['ack', ack]);
      const length: [string, string][] = content.length > 0 ? [['content-length', String(content.length)]] : [];
      expect(error).toBeUndefined();
      expect(frames).toEqual([
        { command: 'MESSAGE', headers: [...own, ...kept, ...length], body: content.toString('latin1') },
      ]);
    });
    fc.assert(property, runs);
  });
});

describe('for arbitrary octets', () => {
  const octets = fc.oneof({ weight: 4, arbitrary: almostFrames }, { weight: 1, arbitrary: body });

  it('F13 the outcome does not depend on the cutting, only ProtocolErrors are thrown', () => {
    const property = fc.property(octets, offsets, version, fc.boolean(), (bytes, cuts, of, isSmall) => {
      const options = isSmall ? { version: of, limits: small } : { version: of };
      const { maxPendingBytes: _, ...whole } = decodeChunks([bytes], options);
      const { maxPendingBytes: __, ...cut } = decodeChunks(cutAt(bytes, cuts), options);
      const { maxPendingBytes: ___, ...single } = decodeChunks(cutAt(bytes, Array.from(bytes.keys())), options);
      expect(cut).toEqual(whole);
      expect(single).toEqual(whole);
    });
    fc.assert(property, runs);
  });

  it('L01 L02 L03 never more than the sum of the limits is held', () => {
    const run = fc.tuple(fc.constantFrom('A', 'a:b\n', 'x', 'a:bcdef\r\n', '\n'), fc.integer({ min: 1, max: 60 }));
    const long = fc
      .tuple(octets, run)
      .map(([bytes, [word, times]]) => Buffer.concat([bytes, Buffer.from(word.repeat(times))]));
    const property = fc.property(long, offsets, version, (bytes, cuts, of) => {
      const { frames, maxPendingBytes } = decodeChunks(cutAt(bytes, cuts), { version: of, limits: small });
      expect(maxPendingBytes).toBeLessThanOrEqual(smallSum);
      for (const frame of frames) {
        expect(frame.command.length).toBeLessThanOrEqual(small.maxCommandBytes);
        expect(frame.headers.length).toBeLessThanOrEqual(small.maxHeaders);
        expect(frame.body.length).toBeLessThanOrEqual(small.maxBodyBytes);
      }
    });
    fc.assert(property, runs);
  });

  it('E02 E03 unescaping undoes escaping', () => {
    for (const of of ['1.1', '1.2'] as const) {
      const property = fc.property(text(of, 'value'), (plain) => {
        const escaped = escapeWith(plain, escapingOf(of), 'name');
        expect(escaped).not.toMatch(/[\r\n:]/);
        expect(unescapeHeader(escaped, of)).toBe(plain);
      });
      fc.assert(property, runs);
    }
  });
});
