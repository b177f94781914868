import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { clip, displayWidth, padEnd, padStart } from '../../src/report/display-width.js';

describe('the width of a text on a terminal', () => {
  it('counts columns, not characters [UAX #11]', () => {
    expect(displayWidth('node-1')).toBe(6);
    expect(displayWidth('漢字')).toBe(4);
    expect(displayWidth('한글')).toBe(4);
    expect(displayWidth('e\u0301')).toBe(1);
    expect(displayWidth('👍🏽')).toBe(2);
    expect(displayWidth('🇩🇪')).toBe(2);
    expect(displayWidth('●◐○✖✓✗–…▁█')).toBe(10);
  });

  it('measures a megabyte of ASCII without cutting it into graphemes', () => {
    const segment = vi.spyOn(Intl.Segmenter.prototype, 'segment');
    expect(displayWidth('x'.repeat(1_000_000))).toBe(1_000_000);
    expect(segment).not.toHaveBeenCalled();
    segment.mockRestore();
  });

  it('cuts before a wide character that would only half fit', () => {
    expect(clip('漢字漢字', 5, '…')).toBe('漢字…');
    expect(clip('漢字漢字', 4, '…')).toBe('漢…');
    expect(clip('漢字', 4, '…')).toBe('漢字');
    expect(clip('node-1', 6, '…')).toBe('node-1');
    expect(clip('node-12', 6, '…')).toBe('node-…');
    expect(clip('abc', 0, '…')).toBe('');
  });

  it('shortens a letter with a thousand marks', () => {
    expect(clip(`e${'\u0301'.repeat(1000)}x`, 20, '…').length).toBeLessThan(10);
  });

  it('never gives more columns than were asked for, and pads to exactly as many', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.integer({ min: 0, max: 30 }), (text, width) => {
        expect(displayWidth(clip(text, width, '…'))).toBeLessThanOrEqual(width);
        expect(displayWidth(padEnd(text, width, '…'))).toBe(width);
        expect(displayWidth(padStart(text, width, '…'))).toBe(width);
      }),
    );
  });
});
