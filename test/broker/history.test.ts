import { expect, test } from 'vitest';
import { defaultHistoryLimits, History } from '../../src/broker/history.js';
import { FrameHeaders } from '../../src/stomp/frame.js';

function message(destination: string, bodyBytes = 10, headers: Record<string, string> = {}) {
  return { destination, id: 'x', headers: FrameHeaders.of(headers), body: Buffer.alloc(bodyBytes) };
}

test('headers count towards the bound like bodies', () => {
  const history = new History('life', { ...defaultHistoryLimits, maxBytesPerDestination: 10_000 });
  for (let i = 0; i < 100; i++) history.append(message('/a', 0, { long: 'x'.repeat(1_000) }));
  expect(history.bytes).toBeLessThanOrEqual(10_000);
  const { epoch, offset } = history.positionOf('/a');
  expect(history.after('/a', { epoch, offset: 0 })).toBeUndefined();
  expect(history.after('/a', { epoch, offset: offset - 5 })).toHaveLength(5);
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

test('the bound of the whole memory holds', () => {
  const history = new History('life', { ...defaultHistoryLimits, maxBytes: 10_000 });
  for (let i = 0; i < 200; i++) history.append(message(`/d${i}`, 1_000));
  expect(history.bytes).toBeLessThanOrEqual(10_000);
});

test('what is kept does not change with the buffer it came in', () => {
  const history = new History('life');
  const chunk = Buffer.from('original');
  history.append({ ...message('/a'), body: chunk });
  chunk.fill('x');
  const { epoch } = history.positionOf('/a');
  expect(history.after('/a', { epoch, offset: 0 })?.[0]?.body.toString()).toBe('original');
});

test('after thousands of messages exactly the last ones are kept', () => {
  const history = new History('life', { ...defaultHistoryLimits, maxMessagesPerDestination: 7 });
  for (let i = 1; i <= 3_000; i++) history.append({ ...message('/a'), body: Buffer.from(`${i}`) });
  const { epoch } = history.positionOf('/a');
  const bodies = history.after('/a', { epoch, offset: 2_993 })?.map((kept) => kept.body.toString());
  expect(bodies).toEqual(['2994', '2995', '2996', '2997', '2998', '2999', '3000']);
  expect(history.after('/a', { epoch, offset: 2_992 })).toBeUndefined();
});
