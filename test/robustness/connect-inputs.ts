import { frameText } from '../server/raw-client.js';
import { type BadFrames, beyond, notCommand, send, topic, unreadable } from './bad-frames.js';

const notFirst = { error: 'The first frame must be CONNECT or STOMP.', code: 1002 };
const noBody = { error: unreadable('only SEND, MESSAGE and ERROR frames may have a body'), code: 1002 };
const notHeartbeat = {
  error: 'The header heart-beat is wrong: heart-beat is not two integers of at most 9 digits.',
  code: 1002,
};

/** What strangers say before CONNECT, or in place of a good one. */
export const connectInputs: readonly BadFrames[] = [
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
    input: Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x0a]),
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
