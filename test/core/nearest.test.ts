import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/core/nearest.js';

describe('nearest', () => {
  it.each([
    ['nmae', ['name', 'nodes'], 'name'],
    ['NAME', ['name'], 'name'],
    ['trashold', ['threshold'], 'threshold'],
    ['trasholt', ['threshold'], undefined],
    ['treshold', ['threshold'], 'threshold'],
    ['at', ['to'], undefined],
    ['x', ['at', 'for'], undefined],
    ['', ['at'], undefined],
    ['x'.repeat(100_000), ['name'], undefined],
  ])('of %j', (word, known, expected) => {
    expect(nearest(word, known)).toBe(expected);
  });

  it('prefers the word with fewer edits', () => {
    expect(nearest('delivery.missin', ['delivery.messing', 'delivery.missing'])).toBe('delivery.missing');
  });
});
