import { afterEach, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { Opener } from '../../src/load/opener.js';

const opener = new Opener();
afterEach(() => opener.close());

test('clients are opened once each, in order, batch after batch, and never faster than their rate', async () => {
  const opened: string[] = [];
  const batch = (name: string, count: number, ratePerSecond: number) => ({
    ratePerSecond,
    clients: Array.from({ length: count }, (_, i) => ({ start: () => void opened.push(`${name}${i}`) })),
  });
  opener.open([batch('a', 150, 100), batch('b', 20, 1000)]);
  expect(await waitUntil(() => opened.length === 170, { timeoutMs: 30_000 })).toBe(true);
  const expected = [
    ...Array.from({ length: 150 }, (_, i) => `a${i}`),
    ...Array.from({ length: 20 }, (_, i) => `b${i}`),
  ];
  expect(opened).toEqual(expected);
  // A slow machine opens fewer; the second batch may share a second with the first, a tick has its own, and after a stall
  // a tenth of a second is made up for.
  expect(opener.peakPerSecond).toBeLessThanOrEqual(100 + 20 + 2 + 10);
});

test('nothing is opened any more once it was closed', async () => {
  let opened = 0;
  opener.open([{ ratePerSecond: 1000, clients: Array.from({ length: 1000 }, () => ({ start: () => void opened++ })) }]);
  expect(await waitUntil(() => opened > 0, { timeoutMs: 30_000 })).toBe(true);
  opener.close();
  const before = opened;
  expect(before).toBeLessThan(1000);
  expect(await waitUntil(() => opened > before, { timeoutMs: 200 })).toBe(false);
});
