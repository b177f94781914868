import { describe, expect, it } from 'vitest';
import { FanOut } from '../../src/server/fan-out.js';
import { frameBytes, type Outgoing, writeFrame } from '../../src/server/outgoing.js';
import { messageHead } from '../../src/stomp/prepared-message.js';
import { headersOf } from '../stomp/decoding.js';

function fanOut(): FanOut {
  const headers = headersOf(['x', 'y']);
  const message = { destination: '/topic/a', id: 'm-1', headers, body: Buffer.from('body'), position: undefined };
  return new FanOut(message, () => undefined);
}

function subscriber(id: string | undefined) {
  return { id, head: messageHead(id, undefined, '1.2') };
}

function text(frame: Outgoing): string {
  const bytes = Buffer.alloc(frameBytes(frame));
  expect(writeFrame(frame, bytes, 0)).toBe(bytes.length);
  return bytes.toString();
}

describe('the fan-out of one message', () => {
  it('gives subscribers with the same id the very same frame, and others their own', () => {
    const message = fanOut();
    const first = message.frameFor('1.2', subscriber('sub-0'));
    expect(message.frameFor('1.2', subscriber('sub-0'))).toBe(first);
    expect(message.frameFor('1.2', subscriber('sub-1'))).not.toBe(first);
    expect(message.frameFor('1.1', subscriber('sub-0'))).not.toBe(first);
    expect(text(first)).toBe(
      'MESSAGE\nsubscription:sub-0\ndestination:/topic/a\nmessage-id:m-1\nx:y\ncontent-length:4\n\nbody\0',
    );
  });

  it('stays right, and keeps a bounded number of frames, with very many ids', () => {
    const message = fanOut();
    const subscribers = Array.from({ length: 300 }, (_, index) => subscriber(`sub-${index}`));
    const once = subscribers.map((one) => message.frameFor('1.2', one));
    const again = subscribers.map((one) => message.frameFor('1.2', one));
    expect(once.filter((frame, index) => frame === again[index])).toHaveLength(64);
    for (const [index, frame] of again.entries()) {
      expect(text(frame)).toMatch(new RegExp(`^MESSAGE\nsubscription:sub-${index}\n.*\n\nbody\0$`, 's'));
      expect(frame.tail).toBe(again[0]?.tail);
    }
  });

  it('A01 gives every acknowledged delivery a frame of its own', () => {
    const message = fanOut();
    expect(text(message.frameToAcknowledge('1.2', 'sub-0', '1'))).toContain('MESSAGE\nsubscription:sub-0\nack:1\n');
    expect(text(message.frameToAcknowledge('1.2', 'sub-0', '2'))).toContain('MESSAGE\nsubscription:sub-0\nack:2\n');
  });
});
