import { frameText } from '../server/raw-client.js';
import { type BadFrames, beyond, send, topic, unreadable } from './bad-frames.js';

const octets = (...codes: number[]): Buffer => Buffer.from(codes);
const notUtf8 = { error: unreadable('the headers are not valid UTF-8'), code: 1002 };
const notLength = { error: unreadable('content-length is not a number of 1 to 10 digits'), code: 1002 };

/** What is no frame, or too large for one. */
export const framingInputs: readonly BadFrames[] = [
  {
    name: 'a second CONNECT',
    from: '1.2',
    input: frameText('CONNECT', { 'accept-version': '1.2' }),
    expected: { error: 'The session is already connected.', code: 1002 },
  },
  {
    name: 'a command of 33 octets',
    from: '1.2',
    input: `${'A'.repeat(33)}\n\n\0`,
    expected: { error: beyond('maxCommandBytes of 32'), code: 1009 },
  },
  {
    name: '101 headers',
    from: '1.2',
    input: `SEND\n${'a:b\n'.repeat(101)}\n\0`,
    expected: { error: beyond('maxHeaders of 100'), code: 1009 },
  },
  {
    name: 'a header line beyond 8 KiB',
    from: '1.2',
    input: send(`a:${'b'.repeat(8_191)}\n`),
    expected: { error: beyond('maxHeaderLineBytes of 8192'), code: 1009 },
  },
  {
    name: 'headers beyond 32 KiB',
    from: '1.2',
    input: send(`a:${'b'.repeat(6_000)}\n`.repeat(6)),
    expected: { error: beyond('maxHeaderBlockBytes of 32768'), code: 1009 },
  },
  {
    name: 'a body announced with one octet too many',
    from: '1.2',
    input: `SEND\ndestination:${topic}\ncontent-length:65537\n\n`,
    expected: { error: beyond('maxBodyBytes of 65536'), code: 1009 },
  },
  {
    name: 'a body without an end, beyond 64 KiB',
    from: '1.2',
    input: `SEND\ndestination:${topic}\n\n${'x'.repeat(65_537)}`,
    expected: { error: beyond('maxBodyBytes of 65536'), code: 1009 },
  },
  { name: 'a content-length below zero', from: '1.2', input: send('content-length:-1\n'), expected: notLength },
  { name: 'a content-length as 1e3', from: '1.2', input: send('content-length:1e3\n'), expected: notLength },
  { name: 'a content-length as 0x05', from: '1.2', input: send('content-length:0x05\n', 'hello'), expected: notLength },
  {
    name: 'a content-length of 11 digits',
    from: '1.2',
    input: send('content-length:00000000005\n', 'hello'),
    expected: notLength,
  },
  {
    name: 'a content-length after a blank',
    from: '1.2',
    input: send('content-length: 5\n', 'hello'),
    expected: notLength,
  },
  {
    name: 'a content-length that is too short',
    from: '1.2',
    input: send('content-length:3\n', 'hello'),
    expected: {
      error: unreadable('no NUL octet follows the body of the length that content-length announces'),
      code: 1002,
    },
  },
  {
    name: 'a header line without colon',
    from: '1.2',
    input: send('nothing\n'),
    expected: { error: unreadable('a header line has no colon'), code: 1002 },
  },
  {
    name: 'a header without name',
    from: '1.2',
    input: send(':value\n'),
    expected: { error: unreadable('a header has no name'), code: 1002 },
  },
  {
    name: 'a NUL among the headers',
    from: '1.2',
    input: send('a:b\0c\n'),
    expected: { error: unreadable('a NUL octet stands before the end of the headers'), code: 1002 },
  },
  {
    name: 'an escape that is not defined',
    from: '1.2',
    input: send('a:\\t\n'),
    expected: { error: unreadable('a header contains an escape sequence that STOMP 1.2 does not define'), code: 1002 },
  },
  {
    name: 'an escaped carriage return in 1.1',
    from: '1.1',
    input: send('a:\\r\n'),
    expected: { error: unreadable('a header contains an escape sequence that STOMP 1.1 does not define'), code: 1002 },
  },
  {
    name: 'a backslash that ends its line',
    from: '1.2',
    input: send('a:b\\\n'),
    expected: { error: unreadable('a header contains an escape sequence that STOMP 1.2 does not define'), code: 1002 },
  },
  {
    name: 'a carriage return within a value',
    from: '1.2',
    input: send('a:b\rc\n'),
    expected: { error: unreadable('a header contains a carriage return that does not end its line'), code: 1002 },
  },
  {
    name: 'a header that is not UTF-8',
    from: '1.2',
    input: Buffer.concat([Buffer.from('SEND\na:'), octets(0xff), Buffer.from('\n\n\0')]),
    expected: notUtf8,
  },
  {
    name: 'a slash in overlong UTF-8',
    from: '1.2',
    input: Buffer.concat([Buffer.from('SEND\ndestination:'), octets(0xc0, 0xaf), Buffer.from('topic\n\n\0')]),
    expected: notUtf8,
  },
  {
    name: 'a surrogate in UTF-8',
    from: '1.2',
    input: Buffer.concat([Buffer.from('SEND\na:'), octets(0xed, 0xa0, 0x80), Buffer.from('\n\n\0')]),
    expected: notUtf8,
  },
];
