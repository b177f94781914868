import type { StompVersion } from '../../src/stomp/frame.js';
import { frameText } from '../server/raw-client.js';

/** What a peer says that it should not, and the only answer that is right. */
export interface BadFrames {
  readonly name: string;
  /** Who says it: a stranger before CONNECT, or a session of that version. */
  readonly from: 'stranger' | StompVersion;
  /** What it says before, and may. */
  readonly after?: string;
  readonly input: string | Buffer;
  /** The `message` of the ERROR (absent where there is none) and the close code; or the session goes on. */
  readonly expected: { readonly error?: string; readonly code: number } | 'goes on';
}

const topic = '/topic/bad-input';
const unreadable = (why: string): string => `The frame cannot be read: ${why}.`;
const beyond = (limit: string): string => unreadable(`the frame exceeds the limit ${limit}`);
const send = (headers: string, body = ''): string => `SEND\ndestination:${topic}\n${headers}\n${body}\0`;
const octets = (...codes: number[]): Buffer => Buffer.from(codes);
const badCharacters = 'The destination contains characters other than letters, digits, ".", "_", "-".';
const notUtf8 = { error: unreadable('the headers are not valid UTF-8'), code: 1002 };
const notCommand = { error: unreadable('the command contains something else than upper-case letters'), code: 1002 };
const notLength = { error: unreadable('content-length is not a number of 1 to 10 digits'), code: 1002 };
const notFirst = { error: 'The first frame must be CONNECT or STOMP.', code: 1002 };
const noBody = { error: unreadable('only SEND, MESSAGE and ERROR frames may have a body'), code: 1002 };
const notOpen = { error: 'The transaction is not open.', code: 1002 };
const notHeartbeat = {
  error: 'The header heart-beat is wrong: heart-beat is not two integers of at most 9 digits.',
  code: 1002,
};

const beforeConnect: readonly BadFrames[] = [
  { name: 'SEND before CONNECT', from: 'stranger', input: send(''), expected: notFirst },
  {
    name: 'SUBSCRIBE before CONNECT',
    from: 'stranger',
    input: frameText('SUBSCRIBE', { id: '1', destination: topic }),
    expected: notFirst,
  },
  { name: 'DISCONNECT before CONNECT', from: 'stranger', input: 'DISCONNECT\n\n\0', expected: notFirst },
  { name: 'a server’s own CONNECTED', from: 'stranger', input: 'CONNECTED\nversion:1.2\n\n\0', expected: notFirst },
  { name: 'connect in lower case', from: 'stranger', input: 'connect\n\n\0', expected: notCommand },
  { name: 'an HTTP request as a message', from: 'stranger', input: 'GET / HTTP/1.1\r\n\r\n', expected: notCommand },
  {
    name: 'the first octets of TLS',
    from: 'stranger',
    input: octets(0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x0a),
    expected: { error: unreadable('a NUL octet stands before the end of the headers'), code: 1002 },
  },
  { name: 'JSON', from: 'stranger', input: '{"type":"CONNECT"}\n\n\0', expected: notCommand },
  {
    name: 'a SockJS array around the frame',
    from: 'stranger',
    input: '["CONNECT\\naccept-version:1.2\\n\\n\\u0000"]',
    expected: { error: beyond('maxCommandBytes of 32'), code: 1009 },
  },
  {
    name: 'a NUL alone',
    from: 'stranger',
    input: '\0',
    expected: { error: unreadable('a NUL octet stands before the end of the headers'), code: 1002 },
  },
  {
    name: 'a carriage return without its line feed',
    from: 'stranger',
    input: '\rCONNECT\n\n\0',
    expected: { error: unreadable('a carriage return stands alone between frames'), code: 1002 },
  },
  { name: 'ten thousand line feeds', from: 'stranger', input: '\n'.repeat(10_000), expected: 'goes on' },
  {
    name: 'no version in common',
    from: 'stranger',
    input: frameText('CONNECT', { 'accept-version': '9.9', host: '/' }),
    expected: { error: 'No version of STOMP in common.', code: 1002 },
  },
  {
    name: 'an empty accept-version',
    from: 'stranger',
    input: frameText('CONNECT', { 'accept-version': '', host: '/' }),
    expected: { error: 'No version of STOMP in common.', code: 1002 },
  },
  {
    name: 'heart-beats that are words',
    from: 'stranger',
    input: frameText('CONNECT', { 'accept-version': '1.2', 'heart-beat': 'often,often' }),
    expected: notHeartbeat,
  },
  {
    name: 'heart-beats below zero',
    from: 'stranger',
    input: frameText('CONNECT', { 'accept-version': '1.2', 'heart-beat': '-1,0' }),
    expected: notHeartbeat,
  },
  {
    name: 'heart-beats of ten digits',
    from: 'stranger',
    input: frameText('CONNECT', { 'accept-version': '1.2', 'heart-beat': '9999999999,0' }),
    expected: notHeartbeat,
  },
  {
    name: 'CONNECT with a body',
    from: 'stranger',
    input: frameText('CONNECT', { 'accept-version': '1.2' }, 'body'),
    expected: noBody,
  },
  {
    name: 'CONNECT of more than 16 KiB',
    from: 'stranger',
    input: `CONNECT\n${`x:${'a'.repeat(1_000)}\n`.repeat(17)}\n\0`,
    expected: { error: beyond('maxHeaderBlockBytes of 16384'), code: 1009 },
  },
];

const framing: readonly BadFrames[] = [
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

const meaning: readonly BadFrames[] = [
  {
    name: 'an unknown command',
    from: '1.2',
    input: 'DANCE\n\n\0',
    expected: { error: 'The command is unknown.', code: 1002 },
  },
  {
    name: 'a MESSAGE from a client',
    from: '1.2',
    input: `MESSAGE\ndestination:${topic}\n\n\0`,
    expected: { error: 'The command is unknown.', code: 1002 },
  },
  {
    name: 'SEND without destination',
    from: '1.2',
    input: 'SEND\n\n\0',
    expected: { error: 'SEND needs a destination.', code: 1002 },
  },
  {
    name: 'a destination with a wildcard',
    from: '1.2',
    input: frameText('SEND', { destination: '/topic/*' }),
    expected: { error: badCharacters, code: 1002 },
  },
  {
    name: 'a destination that smuggles a header',
    from: '1.2',
    input: frameText('SUBSCRIBE', { id: '1', destination: '/topic/a\\nx\\cy' }),
    expected: { error: badCharacters, code: 1002 },
  },
  {
    name: 'a destination of 256 octets',
    from: '1.2',
    input: frameText('SEND', { destination: `/${'a'.repeat(255)}` }),
    expected: { error: 'The destination is longer than 255 bytes.', code: 1002 },
  },
  {
    name: 'the private destination of another user',
    from: '1.2',
    input: frameText('SUBSCRIBE', { id: '1', destination: '/user/bob/queue/mail' }),
    expected: { error: 'The destination belongs to one user, who subscribes to it without a name.', code: 1002 },
  },
  {
    name: 'a user name that is not percent-encoded',
    from: '1.2',
    input: frameText('SEND', { destination: '/user/%zz/queue/mail' }),
    expected: { error: 'The destination contains a user name that is not percent-encoded.', code: 1002 },
  },
  {
    name: 'SUBSCRIBE without id',
    from: '1.2',
    input: frameText('SUBSCRIBE', { destination: topic }),
    expected: { error: 'SUBSCRIBE needs an id.', code: 1002 },
  },
  {
    name: 'a subscription id twice',
    from: '1.2',
    after: frameText('SUBSCRIBE', { id: '1', destination: topic }),
    input: frameText('SUBSCRIBE', { id: '1', destination: '/topic/other' }),
    expected: { error: 'The subscription id is already in use.', code: 1002 },
  },
  {
    name: 'an acknowledgement mode that is none',
    from: '1.2',
    input: frameText('SUBSCRIBE', { id: '1', destination: topic, ack: 'sometimes' }),
    expected: { error: 'The header ack is none of auto, client, client-individual.', code: 1002 },
  },
  {
    name: 'an ACK for nothing',
    from: '1.2',
    input: frameText('ACK', { id: '1' }),
    expected: { error: 'No delivery waits for this acknowledgement.', code: 1002 },
  },
  {
    name: 'COMMIT of what was not begun',
    from: '1.2',
    input: frameText('COMMIT', { transaction: 't' }),
    expected: notOpen,
  },
  {
    name: 'a transaction twice',
    from: '1.2',
    after: frameText('BEGIN', { transaction: 't' }),
    input: frameText('BEGIN', { transaction: 't' }),
    expected: { error: 'The transaction is already open.', code: 1002 },
  },
  {
    name: '17 transactions',
    from: '1.2',
    input: Array.from({ length: 17 }, (_, i) => frameText('BEGIN', { transaction: `${i}` })).join(''),
    expected: { error: 'Too many transactions are open.', code: 1008 },
  },
  {
    name: 'an epoch without offset',
    from: '1.2',
    input: frameText('SUBSCRIBE', { id: '1', destination: topic, epoch: 'x' }),
    expected: { error: 'The headers epoch and offset make no position.', code: 1002 },
  },
  {
    name: 'headers named like the prototype of objects',
    from: '1.2',
    input: send('__proto__:x\nconstructor:y\n'),
    expected: 'goes on',
  },
  {
    name: 'frames after DISCONNECT',
    from: '1.2',
    input: `DISCONNECT\n\n\0${send('')}nonsense`,
    expected: { code: 1000 },
  },
];

/** 60 bad inputs in STOMP, as WebSocket messages. */
export const stompInputs: readonly BadFrames[] = [...beforeConnect, ...framing, ...meaning];
