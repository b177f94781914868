import { describe, expect, it } from 'vitest';
import { prepareMessage } from '../../src/stomp/prepared-message.js';
import { allVersions, decodeWhole, headersOf } from './decoding.js';

const headers = headersOf(['destination', '/topic/a'], ['message-id', 'm-1'], ['x:y', 'a\\b']);
const plainHeaders = headersOf(['destination', '/topic/a'], ['message-id', 'm-1']);
const body = Buffer.from('a\0b');

describe('a prepared message', () => {
  it('G01 becomes a MESSAGE frame with subscription and ack before the common headers', () => {
    const bytes = prepareMessage({ headers, body }, '1.2').frameFor('sub:0', 'ack\n1');
    expect(bytes.toString()).toBe(
      'MESSAGE\nsubscription:sub\\c0\nack:ack\\n1\ndestination:/topic/a\nmessage-id:m-1\nx\\cy:a\\\\b\ncontent-length:3\n\na\0b\0',
    );
  });

  it('S08 A03 leaves out what the subscription does not have, in every version', () => {
    for (const version of allVersions) {
      const bytes = prepareMessage({ headers: plainHeaders, body }, version).frameFor(undefined, undefined);
      expect(bytes.toString()).toBe('MESSAGE\ndestination:/topic/a\nmessage-id:m-1\ncontent-length:3\n\na\0b\0');
    }
  });

  it('F11 does not pass on a publisher’s own subscription, ack and wrong content-length headers', () => {
    const forged = headersOf(['subscription', 'x'], ['ack', 'y'], ['content-length', '9'], ['kept', 'z']);
    const bytes = prepareMessage({ headers: forged, body }, '1.2').frameFor('sub-0', undefined);
    expect(bytes.toString()).toBe('MESSAGE\nsubscription:sub-0\nkept:z\ncontent-length:3\n\na\0b\0');
    for (const name of ['subscription', 'ack']) {
      const message = prepareMessage({ headers: headersOf([name, 'x']), body: Buffer.alloc(0) }, '1.2');
      expect(message.frameFor(undefined, undefined).toString()).toBe('MESSAGE\n\n\0');
    }
  });

  it('gives subscribers with the same id the very same buffer, unless they acknowledge', () => {
    const message = prepareMessage({ headers, body }, '1.2');
    const first = message.frameFor('sub-0', undefined);
    expect(message.frameFor('sub-0', undefined)).toBe(first);
    expect(message.frameFor('sub-1', undefined)).not.toBe(first);
    expect(message.frameFor(undefined, undefined)).toBe(message.frameFor(undefined, undefined));
    expect(message.frameFor('sub-0', 'a1').toString()).toContain('ack:a1\n');
    expect(message.frameFor('sub-0', 'a2').toString()).toContain('ack:a2\n');
    expect(message.frameFor('sub-0', undefined)).toBe(first);
  });

  it('stays right, and keeps a bounded number of frames, with very many ids', () => {
    const message = prepareMessage({ headers, body }, '1.2');
    const ids = Array.from({ length: 300 }, (_, index) => `sub-${index}`);
    const once = ids.map((id) => message.frameFor(id, undefined));
    const again = ids.map((id) => message.frameFor(id, undefined));
    expect(once.filter((frame, index) => frame === again[index])).toHaveLength(64);
    for (const id of ids) {
      const { frames } = decodeWhole(message.frameFor(id, undefined), { version: '1.2' });
      expect(frames).toEqual([
        {
          command: 'MESSAGE',
          headers: [['subscription', id], ...headers, ['content-length', '3']],
          body: 'a\0b',
        },
      ]);
    }
  });

  it('E06 limits 18: refuses what the version of the subscriber cannot express', () => {
    expect(() => prepareMessage({ headers, body }, '1.0')).toThrow(
      expect.objectContaining({ reason: 'unrepresentable' }),
    );
    const message = prepareMessage({ headers: plainHeaders, body }, '1.0');
    for (const id of ['a\nb:c', '\0', '\ud800']) {
      expect(() => message.frameFor(id, undefined)).toThrow(expect.objectContaining({ reason: 'unrepresentable' }));
      expect(() => message.frameFor('s', id)).toThrow(expect.objectContaining({ reason: 'unrepresentable' }));
    }
  });

  it('copies the body', () => {
    const changing = Buffer.from('body');
    const message = prepareMessage({ headers: plainHeaders, body: changing }, '1.2');
    changing.fill(0x21);
    expect(message.frameFor('s', undefined).toString()).toContain('\n\nbody\0');
  });
});
