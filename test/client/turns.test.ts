import { expect, test } from 'vitest';
import { Turns } from '../../src/client/turns.js';

const ms = 1000;

/** A timer that turned at these times. */
function turned(...timesMs: readonly number[]): Turns {
  const turns = new Turns();
  turns.begin(0);
  for (const atMs of timesMs) turns.turned(atMs * ms);
  return turns;
}

test('what is read between two turns in time came when it is read', () => {
  expect(turned(250, 500).earliest(740 * ms)).toBe(740 * ms);
});

test('what is read after a stall, before a turn of the timer or after it, may have come since the turn before', () => {
  expect(turned(250).earliest(3000 * ms)).toBe(250 * ms);
  expect(turned(250, 3000).earliest(3001 * ms)).toBe(250 * ms);
  // One stall follows the other before anything was read.
  expect(turned(250, 3000, 6000).earliest(6001 * ms)).toBe(250 * ms);
  expect(turned(250, 3000).earliest(6000 * ms)).toBe(250 * ms);
});

test('once the timer turns in time again, all that waited is read', () => {
  expect(turned(250, 3000, 3250).earliest(3260 * ms)).toBe(3260 * ms);
});
