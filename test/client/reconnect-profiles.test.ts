import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ReconnectProfile, reconnectDelayMs } from '../../src/client/reconnect-profiles.js';
import { createRandom } from '../../src/core/random.js';

const options = { minMs: 100, maxMs: 5000 };

function delays(profile: ReconnectProfile, attempts: number, more: { delayMs?: number; seed?: number } = {}) {
  const random = createRandom(more.seed ?? 1);
  return Array.from({ length: attempts }, (_, attempt) =>
    reconnectDelayMs(profile, attempt, { ...options, delayMs: more.delayMs, random }),
  );
}

describe('a reconnect profile', () => {
  it.each([
    ['stompjs-default', [5000, 5000, 5000]],
    ['stompjs-exponential', [5000, 10_000, 20_000]],
    ['sockjs-none', [undefined, undefined, undefined]],
    ['fixed-10s', [10_000, 10_000, 10_000]],
  ] as const)('%s waits as its library does', (profile, expected) => {
    expect(delays(profile, 3)).toEqual(expected);
  });

  it('stompjs-exponential stops at a quarter of an hour, however often it failed', () => {
    expect(delays('stompjs-exponential', 2000).at(-1)).toBe(900_000);
  });

  it('a fixed one takes another delay, the others keep their own', () => {
    expect(delays('stompjs-default', 2, { delayMs: 250 })).toEqual([250, 250]);
    expect(delays('stompjs-exponential', 1, { delayMs: 250 })).toEqual([5000]);
  });

  it('full-jitter lies anywhere below a ceiling that doubles up to the greatest, and repeats by its seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 2000 }), (seed, attempt) => {
        const delayMs = reconnectDelayMs('full-jitter', attempt, { ...options, random: createRandom(seed) });
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThan(Math.min(5000, 100 * 2 ** Math.min(attempt, 30)));
      }),
    );
    expect(delays('full-jitter', 20, { seed: 7 })).toEqual(delays('full-jitter', 20, { seed: 7 }));
    expect(delays('full-jitter', 20, { seed: 7 })).not.toEqual(delays('full-jitter', 20, { seed: 8 }));
  });
});
