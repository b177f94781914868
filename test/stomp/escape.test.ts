import { describe, expect, it } from 'vitest';
import { escapeHeader, escapingOf, unescapeHeader } from '../../src/stomp/escape.js';

describe('escaping of headers', () => {
  it('E03 writes CR, LF, colon and backslash as escapes in 1.2', () => {
    expect(escapeHeader('a\r\n:\\b', '1.2')).toBe('a\\r\\n\\c\\\\b');
  });

  it('E02 has no escape for CR in 1.1', () => {
    expect(escapeHeader('a\n:\\b', '1.1')).toBe('a\\n\\c\\\\b');
    expect(() => escapeHeader('\r', '1.1')).toThrow(expect.objectContaining({ reason: 'unrepresentable' }));
  });

  it('E01 leaves 1.0 as it is and refuses what would end the line', () => {
    expect(escapeHeader('a:\\n\\b', '1.0')).toBe('a:\\n\\b');
    for (const text of ['\r', '\n', '\0']) {
      expect(() => escapeHeader(text, '1.0')).toThrow(expect.objectContaining({ reason: 'unrepresentable' }));
    }
  });

  it('E01 E04 names the escaping of each version', () => {
    expect([escapingOf('1.0'), escapingOf('1.1'), escapingOf('1.2')]).toEqual(['plain', '1.1', '1.2']);
  });

  it('E02 reads escapes from left to right in one pass', () => {
    expect(unescapeHeader('\\\\n\\\\\\n\\c\\\\c', '1.1')).toBe('\\n\\\n:\\c');
  });

  it('E05 refuses undefined sequences without repeating them', () => {
    for (const text of ['\\t', 'a\\', '\\R', '\\\\\\']) {
      expect(() => unescapeHeader(text, '1.2')).toThrow(
        expect.objectContaining({
          reason: 'bad-escape',
          message: 'a header contains an escape sequence that STOMP 1.2 does not define',
        }),
      );
    }
  });
});
