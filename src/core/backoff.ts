import type { Random } from './random.js';

/**
 * Full jitter: a delay drawn evenly from [0, min(max, base · 2^attempt)).
 * Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 * @param attempt counts from 0
 */
export function fullJitterMs(attempt: number, options: { baseMs: number; maxMs: number; random: Random }): number {
  const ceilingMs = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt, 30));
  return options.random.next() * ceilingMs;
}
