import { visible } from '../core/visible.js';

/** Longer text is cut: no report needs more of a peer's words, and each further grapheme costs time to measure. */
const maxLength = 10_000;

/** Everything beyond printable ASCII. */
const beyondAscii = /[^\u0020-\u007e]/gu;

/**
 * Text from a peer, a scenario or a file name, fit for every text report: nothing in it can move a
 * cursor, reorder what is beside it, break a line, or command a CI runner.
 *
 * Where the terminal does not read UTF-8 everything beyond ASCII is shown by its code point: the
 * bytes of a harmless character may otherwise arrive as C1 controls.
 */
export function untrusted(text: string, unicode: boolean): string {
  const shown = visible(text.length > maxLength ? `${text.slice(0, maxLength)}...` : text);
  if (unicode) return shown;
  return shown.replace(beyondAscii, (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`);
}
