import { frameText } from '../server/raw-client.js';
import { type BadFrames, send, topic } from './bad-frames.js';

const badCharacters = 'The destination contains characters other than letters, digits, ".", "_", "-".';
const notOpen = { error: 'The transaction is not open.', code: 1002 };

/** Whole frames that ask for what cannot be. */
export const meaningInputs: readonly BadFrames[] = [
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
