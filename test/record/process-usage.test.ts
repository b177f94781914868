import { expect, test } from 'vitest';
import { UsageBook } from '../../src/record/process-usage.js';

const second = 1_000_000;
const sample = (rssBytes: number | null, pid = 1, descriptors: number | null = 20) => [
  { name: 'node-1', pid, rssBytes, descriptors },
];

test('growth is told per hour, and what a process takes in its first minute is not growth', () => {
  const book = new UsageBook(600_000);
  for (let s = 0; s < 600; s += 5) {
    const settling = s < 60 ? (60 - s) * -1_000_000 : 0;
    book.add(s * second, sample(100_000_000 + settling + s * 1000));
  }
  const [usage] = book.report();
  expect(usage?.rssSlopeBytesPerHour).toBeCloseTo(3_600_000, 0);
  expect(usage).toMatchObject({ name: 'node-1', lives: 1, samples: 120, fdStart: 20, fdEnd: 20, fdMax: 20 });
  expect(usage).toMatchObject({ rssStartBytes: 40_000_000, rssEndBytes: 100_595_000, rssMaxBytes: 100_595_000 });
});

test('a process that starts anew with less memory has not shrunk', () => {
  const book = new UsageBook(80_000);
  for (let s = 0; s < 80; s += 2) {
    const life = Math.floor(s / 40);
    // Each life grows by 500 bytes a second, and the second begins with half of the memory.
    book.add(s * second, sample(100_000_000 / (life + 1) + (s % 40) * 500, life + 1));
  }
  const [usage] = book.report();
  expect(usage).toMatchObject({ lives: 2, samples: 40 });
  expect(usage?.rssSlopeBytesPerHour).toBeCloseTo(500 * 3600, 0);
});

test('what the system does not tell is unknown, and few samples make no slope', () => {
  const book = new UsageBook(20_000);
  for (let s = 0; s < 20; s += 5) book.add(s * second, sample(null, 1, null));
  expect(book.report()).toEqual([
    {
      ...{ name: 'node-1', lives: 1, samples: 4, rssStartBytes: null, rssEndBytes: null, rssMaxBytes: null },
      ...{ rssSlopeBytesPerHour: null, fdStart: null, fdEnd: null, fdMax: null },
    },
  ]);
});
