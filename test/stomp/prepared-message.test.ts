import { describe, expect, it } from 'vitest';
import type { FrameHeaders, StompVersion } from '../../src/stomp/frame.js';
import { messageHead, messageTail } from '../../src/stomp/prepared-message.js';
import { allVersions, headersOf } from './decoding.js';

const headers = headersOf(['destination', '/topic/a'], ['message-id', 'm-1'], ['x:y', 'a\\b']);
const plainHeaders = headersOf(['destination', '/topic/a'], ['message-id', 'm-1']);
const body = Buffer.from('a\0b');

/** Both parts of a MESSAGE together. */
function whole(
  common: { headers: FrameHeaders; body: Buffer },
  version: StompVersion,
  own: { subscription?: string; ack?: string },
): string {
  return `${messageHead(own.subscription, own.ack, version)}${messageTail(common, version)}`;
}

describe('a message in two parts', () => {
  it('G01 becomes a MESSAGE frame with subscription and ack before the common headers', () => {
    expect(whole({ headers, body }, '1.2', { subscription: 'sub:0', ack: 'ack\n1' })).toBe(
      'MESSAGE\nsubscription:sub\\c0\nack:ack\\n1\ndestination:/topic/a\nmessage-id:m-1\nx\\cy:a\\\\b\ncontent-length:3\n\na\0b\0',
    );
  });

  it('S08 A03 leaves out what the subscription does not have, in every version', () => {
    for (const version of allVersions) {
      const frame = whole({ headers: plainHeaders, body }, version, {});
      expect(frame).toBe('MESSAGE\ndestination:/topic/a\nmessage-id:m-1\ncontent-length:3\n\na\0b\0');
    }
  });

  it('F11 does not pass on a publisher’s own subscription, ack and wrong content-length headers', () => {
    const forged = headersOf(['subscription', 'x'], ['ack', 'y'], ['content-length', '9'], ['kept', 'z']);
    const frame = whole({ headers: forged, body }, '1.2', { subscription: 'sub-0' });
    expect(frame).toBe('MESSAGE\nsubscription:sub-0\nkept:z\ncontent-length:3\n\na\0b\0');
    for (const name of ['subscription', 'ack']) {
      const common = { headers: headersOf([name, 'x']), body: Buffer.alloc(0) };
      expect(whole(common, '1.2', {})).toBe('MESSAGE\n\n\0');
    }
  });

  it('E06 limits 18: refuses what the version of the subscriber cannot express', () => {
    const refusal = expect.objectContaining({ reason: 'unrepresentable' });
    expect(() => messageTail({ headers, body }, '1.0')).toThrow(refusal);
    for (const id of ['a\nb:c', '\0', '\ud800']) {
      expect(() => messageHead(id, undefined, '1.0')).toThrow(refusal);
      expect(() => messageHead('s', id, '1.0')).toThrow(refusal);
    }
  });

  it('copies the body', () => {
    const changing = Buffer.from('body');
    const tail = messageTail({ headers: plainHeaders, body: changing }, '1.2');
    changing.fill(0x21);
    expect(tail.toString()).toContain('\n\nbody\0');
  });
});
