import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { BrokerMessage } from '../../src/broker/broker.js';
import { defaultHistoryLimits, History } from '../../src/broker/history.js';
import { MemoryBroker } from '../../src/broker/memory-broker.js';
import { nextTurn } from '../../src/core/clock.js';
import { FrameDecoder } from '../../src/stomp/decoder.js';
import { encodeFrame } from '../../src/stomp/encoder.js';
import { type Frame, FrameHeaders } from '../../src/stomp/frame.js';
import { propertyRuns } from '../property-runs.js';
import { EventLog } from './contract.js';

function message(destination: string, body: string | Buffer = 'x', headers: readonly string[] = []) {
  return { destination, id: 'origin:1', headers: new FrameHeaders(headers), body: Buffer.from(body) };
}

/** All that is kept of a destination. */
function keptOf(history: History, destination: string): readonly BrokerMessage[] {
  const { epoch, offset } = history.positionOf(destination);
  for (let since = 0; since <= offset; since++) {
    const found = history.after(destination, { epoch, offset: since });
    if (found !== undefined) return found;
  }
  throw new Error('not even the empty end is kept');
}

function offsetsOf(messages: readonly BrokerMessage[]): (number | undefined)[] {
  return messages.map(({ position }) => position?.offset);
}

describe('what comes back', () => {
  test.each<[title: string, headers: readonly string[], body: Buffer]>([
    ['nothing but a body', [], Buffer.from('hello')],
    ['repeated headers in their order', ['b', '1', 'a', '2', 'b', '3'], Buffer.from('x')],
    ['headers of any text', ['naïve 🙂', 'a:b\nc\\d\r"', '', ''], Buffer.from('x')],
    ['no body', ['a', '1'], Buffer.alloc(0)],
    ['a body of any octets', [], Buffer.from([0, 10, 13, 34, 255, 128, 0])],
    ['a body larger than a piece of memory', ['a', '1'], Buffer.alloc(100_000, 'large')],
  ])('is what went in, and where it stands: %s', (_title, headers, body) => {
    const history = new History('life', defaultHistoryLimits);
    const given = message('/a', body, headers);
    history.append(message('/a', 'before'));
    const placed = history.append(given);
    const [, found] = keptOf(history, '/a');
    expect(found).toEqual({ ...given, position: { epoch: placed.position?.epoch, offset: 2 } });
    expect([...(found?.headers ?? [])].flat()).toEqual(headers);
  });

  test('does not change with the buffer it came in', () => {
    const history = new History('life', defaultHistoryLimits);
    const chunk = Buffer.from('original');
    history.append({ ...message('/a'), body: chunk });
    chunk.fill('x');
    expect(keptOf(history, '/a')[0]?.body.toString()).toBe('original');
  });

  test('does not change with what comes and goes later', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxMessagesPerDestination: 3 });
    history.append(message('/a', 'original'));
    const [found] = keptOf(history, '/a');
    for (let i = 0; i < 1_000; i++) history.append(message('/a', 'later'));
    expect(found?.body.toString()).toBe('original');
  });
});

describe('each bound holds, and the oldest go first', () => {
  test('of any messages, as long as they are small enough to be kept at all, the last are there without a hole', () => {
    const bodies = fc.array(fc.nat(3_000), { minLength: 1, maxLength: 200 });
    const bounds = fc.record({
      messages: fc.integer({ min: 1, max: 50 }),
      bytes: fc.integer({ min: 600, max: 40_000 }),
    });
    fc.assert(
      fc.property(bodies, bounds, (sizes, { messages, bytes }) => {
        const limits = { maxMessagesPerDestination: messages, maxBytesPerDestination: bytes };
        const history = new History('life', { ...defaultHistoryLimits, ...limits });
        for (const [index, size] of sizes.entries()) {
          history.append(message('/a', Buffer.alloc(size, index)));
          expect(history.bytes).toBeLessThanOrEqual(bytes);
        }
        const kept = keptOf(history, '/a');
        expect(kept.length).toBeLessThanOrEqual(messages);
        const first = sizes.length - kept.length;
        expect(kept.map(({ body }) => body)).toEqual(
          sizes.slice(first).map((size, index) => Buffer.alloc(size, first + index)),
        );
        expect(offsetsOf(kept)).toEqual(sizes.slice(first).map((_, index) => first + index + 1));
        const { epoch } = history.positionOf('/a');
        if (first > 0) expect(history.after('/a', { epoch, offset: first - 1 })).toBeUndefined();
        expect(history.after('/a', { epoch, offset: sizes.length + 1 })).toBeUndefined();
      }),
      propertyRuns(200),
    );
  });

  test('after thousands of messages exactly the last ones are kept', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxMessagesPerDestination: 7 });
    for (let i = 1; i <= 3_000; i++) history.append(message('/a', `${i}`));
    const bodies = keptOf(history, '/a').map(({ body }) => body.toString());
    expect(bodies).toEqual(['2994', '2995', '2996', '2997', '2998', '2999', '3000']);
  });

  test('headers count like bodies', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxBytesPerDestination: 10_000 });
    for (let i = 0; i < 100; i++) history.append(message('/a', '', ['long', 'x'.repeat(1_000)]));
    expect(history.bytes).toBeLessThanOrEqual(10_000);
    expect(keptOf(history, '/a').length).toBeGreaterThanOrEqual(5);
  });

  test('of small messages most of the bytes are theirs', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxBytesPerDestination: 100_000 });
    for (let i = 0; i < 2_000; i++) history.append(message('/a', 'x'.repeat(200)));
    expect(keptOf(history, '/a').length).toBeGreaterThan(280);
  });

  test('what is larger than the bound is not kept, and nothing before it can be had', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxBytesPerDestination: 10_000 });
    history.append(message('/a'));
    const { epoch } = history.positionOf('/a');
    expect(history.append(message('/a', 'x'.repeat(20_000))).position).toEqual({ epoch, offset: 2 });
    expect(history.after('/a', { epoch, offset: 1 })).toBeUndefined();
    history.append(message('/a', 'next'));
    expect(offsetsOf(history.after('/a', { epoch, offset: 2 }) ?? [])).toEqual([3]);
  });

  test('the bound of the whole memory', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxBytes: 10_000 });
    for (let i = 0; i < 200; i++) history.append(message(`/d${i}`, 'x'.repeat(1_000)));
    expect(history.bytes).toBeLessThanOrEqual(10_000);
  });

  test('with too little memory what was said where it has been silent longest is forgotten, and its place is not', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxBytes: 12_000 });
    const places = ['/a', '/b'].map((destination) => history.hold(destination));
    history.append(message('/a', 'x'.repeat(4_000)));
    history.append(message('/b', 'x'.repeat(4_000)));
    history.append(message('/b', 'x'.repeat(4_000)));
    const epochs = places.map(({ epoch }) => epoch);
    expect(history.positionOf('/a')).toEqual({ epoch: epochs[0], offset: 1 });
    expect(history.after('/a', { epoch: epochs[0] ?? '', offset: 0 })).toBeUndefined();
    expect(history.after('/a', { epoch: epochs[0] ?? '', offset: 1 })).toEqual([]);
    expect(history.append(message('/a')).position).toEqual({ epoch: epochs[0], offset: 2 });
    expect(offsetsOf(keptOf(history, '/b'))).toEqual([1, 2]);
  });

  test('what somebody listens to keeps its place, however many others are forgotten meanwhile', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxDestinations: 10 });
    const { epoch } = history.hold('/heard');
    for (let i = 0; i < 100; i++) history.append(message(`/d${i}`));
    expect(history.append(message('/heard')).position).toEqual({ epoch, offset: 1 });
    history.release('/heard');
    for (let i = 0; i < 100; i++) history.append(message(`/d${i}`));
    expect(history.positionOf('/heard').epoch).not.toBe(epoch);
  });

  test('with too many destinations the one silent longest is forgotten whole, and its offsets are never used again', () => {
    const history = new History('life', { ...defaultHistoryLimits, maxDestinations: 2 });
    const first = history.append(message('/a')).position;
    history.append(message('/b'));
    history.append(message('/c'));
    expect(history.after('/a', { epoch: first?.epoch ?? '', offset: 0 })).toBeUndefined();
    const again = history.append(message('/a')).position;
    expect(again?.offset).toBe(1);
    expect(again?.epoch).not.toBe(first?.epoch);
  });
});

/** Memory in use, after a collection. */
async function usedBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  // Buffers are given back in the turn after the one in which their owners were collected.
  for (let i = 0; i < 3; i++) {
    collect();
    await nextTurn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('it takes as much memory as it says, of messages as they come from a socket', async () => {
  const history = new History('life', { ...defaultHistoryLimits, maxBytes: Number.POSITIVE_INFINITY });
  const decoder = new FrameDecoder();
  const append = ({ headers, body }: Frame): void => {
    const [destination = '', id = ''] = [headers.get('destination'), headers.get('message-id')];
    history.append({ destination, id, headers: headers.without(new Set(['destination', 'message-id'])), body });
  };
  const count = 30_000;
  const feed = (from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const headers = FrameHeaders.of({
        destination: `/topic/room-${i % 100}.messages`,
        'message-id': `AbCdEfGh:${i}`,
        note: 'a header of the publisher',
      });
      decoder.write(encodeFrame({ command: 'SEND', headers, body: Buffer.alloc(200) }, '1.2'), { frame: append });
    }
  };
  feed(0, 1_000);
  const [usedBefore, saidBefore] = [await usedBytes(), history.bytes];
  feed(1_000, count);
  const [used, said] = [(await usedBytes()) - usedBefore, history.bytes - saidBefore];
  expect(said / count).toBeLessThan(400);
  expect(used / said).toBeGreaterThan(0.7);
  expect(used / said).toBeLessThan(1.3);
});

describe('age', () => {
  const limits = { ...defaultHistoryLimits, maxAgeMs: 30_000 };
  afterEach(() => {
    vi.useRealTimers();
  });
  const stopClock = () => vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });

  test('what is older than the bound is gone, what is younger is there', () => {
    stopClock();
    const history = new History('life', limits);
    history.append(message('/a', 'one'));
    vi.advanceTimersByTime(20_000);
    history.append(message('/a', 'two'));
    const { epoch } = history.positionOf('/a');
    const since = (offset: number) => history.after('/a', { epoch, offset })?.map(({ body }) => body.toString());
    vi.advanceTimersByTime(9_000);
    expect(since(0)).toEqual(['one', 'two']);
    vi.advanceTimersByTime(2_000);
    expect([since(0), since(1)]).toEqual([undefined, ['two']]);
  });

  test('who has missed nothing is told so, however long ago the last message came', () => {
    stopClock();
    const history = new History('life', limits);
    const last = history.append(message('/a')).position;
    vi.advanceTimersByTime(3_600_000);
    history.dropOld();
    expect(history.positionOf('/a')).toEqual(last);
    expect(history.after('/a', history.positionOf('/a'))).toEqual([]);
  });

  test('the broker gives back the memory of old messages though nobody sends any more', async () => {
    stopClock();
    await using broker = new MemoryBroker('memory', new EventLog(), { history: limits });
    const destinations = Array.from({ length: 100 }, (_, index) => `/topic/${index}`);
    for (const destination of destinations) await broker.watch(destination);
    const before = broker.historyBytes;
    const text = 'x'.repeat(2_000);
    for (const [index, to] of destinations.entries()) {
      await broker.publish({ ...message(to, text), id: `origin:${index + 1}` });
    }
    expect(broker.historyBytes).toBeGreaterThan(200_000);
    vi.advanceTimersByTime(33_000);
    expect(broker.historyBytes).toBe(before);
  });
});
