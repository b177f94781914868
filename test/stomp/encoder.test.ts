import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../src/stomp/encoder.js';
import { FrameHeaders, type StompVersion } from '../../src/stomp/frame.js';
import { allVersions, headersOf } from './decoding.js';

function encode(command: string, headers: FrameHeaders, body: string, version: StompVersion): string {
  return encodeFrame({ command, headers, body: Buffer.from(body) }, version).toString();
}
const none = FrameHeaders.none;

describe('the encoder', () => {
  it('F01 writes command, headers in order, blank line, body, NUL', () => {
    const headers = headersOf(['b', '1'], ['a', '2'], ['b', '3']);
    for (const version of allVersions) {
      expect(encode('SEND', headers, 'hi', version)).toBe('SEND\nb:1\na:2\nb:3\ncontent-length:2\n\nhi\0');
    }
  });

  it('F01 writes a frame without headers and body', () => {
    expect(encodeFrame({ command: 'BEGIN', headers: none }, '1.2').toString()).toBe('BEGIN\n\n\0');
  });

  it('F05 writes UTF-8 and counts content-length in octets', () => {
    expect(encode('SEND', headersOf(['ü', '€']), '€', '1.2')).toBe('SEND\nü:€\ncontent-length:3\n\n€\0');
  });

  it('F07 announces a body that contains NULs', () => {
    expect(encode('SEND', none, 'a\0b', '1.0')).toBe('SEND\ncontent-length:3\n\na\0b\0');
  });

  it('F08 keeps a right content-length where it is and replaces a wrong one', () => {
    expect(encode('SEND', headersOf(['content-length', '2'], ['a', '1']), 'hi', '1.2')).toBe(
      'SEND\ncontent-length:2\na:1\n\nhi\0',
    );
    expect(encode('SEND', headersOf(['content-length', '3'], ['a', '1'], ['content-length', '2']), 'hi', '1.2')).toBe(
      'SEND\na:1\ncontent-length:2\n\nhi\0',
    );
    expect(encode('SEND', headersOf(['content-length', '3']), '', '1.2')).toBe('SEND\n\n\0');
    expect(encode('SEND', headersOf(['content-length', '02']), 'hi', '1.2')).toBe('SEND\ncontent-length:2\n\nhi\0');
  });

  it('F10 refuses a body that a receiver must refuse', () => {
    expect(() => encode('RECEIPT', none, 'x', '1.2')).toThrow(expect.objectContaining({ reason: 'unexpected-body' }));
  });

  it.each(['', 'send', 'SEND\n', 'A B'])('F04 refuses the command %j', (command) => {
    expect(() => encode(command, none, '', '1.2')).toThrow(expect.objectContaining({ reason: 'bad-command' }));
  });

  it('F01 refuses a header without name', () => {
    expect(() => encode('SEND', headersOf(['', 'x']), '', '1.2')).toThrow(
      expect.objectContaining({ reason: 'bad-header' }),
    );
  });

  it('E06 escapes names and values', () => {
    const headers = headersOf(['a:\n\\', 'b:\n\\']);
    expect(encode('SEND', headers, '', '1.1')).toBe('SEND\na\\c\\n\\\\:b\\c\\n\\\\\n\n\0');
    expect(encode('SEND', headersOf(['\r', '\r\n']), '', '1.2')).toBe('SEND\n\\r:\\r\\n\n\n\0');
  });

  it('E01 E04 escapes nothing in 1.0 and in CONNECT, STOMP and CONNECTED', () => {
    const headers = headersOf(['a\\', ':\\n:']);
    expect(encode('SEND', headers, '', '1.0')).toBe('SEND\na\\::\\n:\n\n\0');
    for (const command of ['CONNECT', 'STOMP', 'CONNECTED']) {
      for (const version of allVersions)
        expect(encode(command, headers, '', version)).toBe(`${command}\na\\::\\n:\n\n\0`);
    }
  });

  const unrepresentable: readonly [title: string, StompVersion, command: string, name: string, value: string][] = [
    ['NUL in 1.0', '1.0', 'SEND', 'a', '\0'],
    ['NUL in 1.1', '1.1', 'SEND', 'a', '\0'],
    ['NUL in 1.2', '1.2', 'SEND', 'a', '\0'],
    ['NUL in a 1.2 name', '1.2', 'SEND', 'a\0', ''],
    ['LF in 1.0', '1.0', 'SEND', 'a', 'x\nb:injected'],
    ['CR in 1.0', '1.0', 'SEND', 'a', '\r'],
    ['CR in 1.1', '1.1', 'SEND', 'a', '\r'],
    ['CR in a 1.1 name', '1.1', 'SEND', '\r', ''],
    ['a colon in a 1.0 name', '1.0', 'SEND', 'a:b', ''],
    ['LF in CONNECTED', '1.2', 'CONNECTED', 'a', 'x\nb:injected'],
    ['CR in CONNECT', '1.2', 'CONNECT', 'a', '\r'],
    ['a colon in a name of STOMP', '1.2', 'STOMP', 'a:b', ''],
    ['a lone surrogate', '1.2', 'SEND', 'a', 'x\ud800'],
    ['a lone surrogate in a name', '1.0', 'SEND', '\udc00x', ''],
  ];
  it.each(unrepresentable)('limits 18: refuses %s', (_title, version, command, name, value) => {
    expect(() => encode(command, headersOf([name, value]), '', version)).toThrow(
      expect.objectContaining({ reason: 'unrepresentable', closeCode: 1002 }),
    );
  });

  it('writes a pair of surrogates', () => {
    expect(encode('SEND', headersOf(['a', '😀']), '', '1.2')).toBe('SEND\na:😀\n\n\0');
  });

  it('copies the body', () => {
    const body = Buffer.from('body');
    const bytes = encodeFrame({ command: 'SEND', headers: none, body }, '1.2');
    body.fill(0x21);
    expect(bytes.toString()).toContain('body');
  });
});
