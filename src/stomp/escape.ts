import type { StompVersion } from './frame.js';
import { octet } from './octet.js';
import { ProtocolError } from './protocol-error.js';

/** How header text is written: `plain` is 1.0, and CONNECT, STOMP and CONNECTED of every version [E01, E04]. */
export type Escaping = 'plain' | '1.1' | '1.2';

export function escapingOf(version: StompVersion): Escaping {
  return version === '1.0' ? 'plain' : version;
}

const special = /[\0\n\r:\\]/;
const specials = /[\0\n\r:\\]/g;
const loneSurrogate = /\p{Surrogate}/u;

/**
 * A header name or value as it is written in that version [E02, E03, E06]. A 1.0 value may contain a
 * colon; use `escapeWith` for a name, which may not.
 *
 * @throws ProtocolError `unrepresentable` where the version has no way to write a character: NUL in all,
 * CR in 1.1, CR and LF in 1.0. Writing them anyway would let a user's text end our header and begin another.
 */
export function escapeHeader(text: string, version: StompVersion): string {
  return escapeWith(text, escapingOf(version), 'value');
}

/** As `escapeHeader`, for a name or a value. */
export function escapeWith(text: string, escaping: Escaping, part: 'name' | 'value'): string {
  if (!special.test(text)) return text;
  return text.replace(specials, (character) => escapeCharacter(character, escaping, part));
}

function escapeCharacter(character: string, escaping: Escaping, part: 'name' | 'value'): string {
  if (escaping === 'plain') {
    if (character === '\\' || (character === ':' && part === 'value')) return character;
  } else {
    if (character === '\\') return '\\\\';
    if (character === ':') return '\\c';
    if (character === '\n') return '\\n';
    if (character === '\r' && escaping === '1.2') return '\\r';
  }
  const code = character.charCodeAt(0).toString(16).padStart(2, '0');
  throw new ProtocolError('unrepresentable', `a header ${part} contains 0x${code}, which this frame cannot express`);
}

/**
 * Refuses text that UTF-8 cannot carry: a lone surrogate would silently become U+FFFD, and another text
 * would arrive than was sent [F05].
 *
 * @throws ProtocolError `unrepresentable`.
 */
export function checkWellFormed(text: string): void {
  if (loneSurrogate.test(text)) throw new ProtocolError('unrepresentable', 'a header contains a lone surrogate');
}

/**
 * The text that was escaped. One pass from left to right: chained replaces would read `\\n` as a
 * backslash and a line feed.
 *
 * @throws ProtocolError `bad-escape` for every sequence that the version does not define [E05].
 */
export function unescapeHeader(text: string, escaping: Exclude<Escaping, 'plain'>): string {
  let at = text.indexOf('\\');
  if (at < 0) return text;
  let result = '';
  let from = 0;
  while (at >= 0) {
    result += text.slice(from, at) + unescapedCharacter(text.charCodeAt(at + 1), escaping);
    from = at + 2;
    at = text.indexOf('\\', from);
  }
  return result + text.slice(from);
}

function unescapedCharacter(code: number, escaping: Exclude<Escaping, 'plain'>): string {
  if (code === octet.backslash) return '\\';
  if (code === 0x63) return ':';
  if (code === 0x6e) return '\n';
  if (code === 0x72 && escaping === '1.2') return '\r';
  throw new ProtocolError('bad-escape', `a header contains an escape sequence that STOMP ${escaping} does not define`);
}
