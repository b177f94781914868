/**
 * C0, DEL, C1, Arabic letter mark, zero-width and bidirectional controls, line and paragraph
 * separators, word joiners, BOM, lone surrogates: everything that moves a cursor, hides or reorders text.
 */
const dangerous =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: naming control characters is this pattern's purpose
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text from a peer, made safe for a terminal and for the log of a CI runner. Dangerous characters are shown
 * as `\x1b` or `\u{202e}`, not removed: an operator must see the attack.
 */
export function visible(text: string): string {
  const shown = text.replace(dangerous, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
  return withoutCommands(shown);
}

/**
 * CI runners obey lines that begin with `::` (even indented) and the marks `##[` and `##vso[`
 * anywhere in a line. One space takes the meaning away and leaves the text readable.
 */
function withoutCommands(text: string): string {
  return text.replace(/^(\s*):(?=:)/, '$1: ').replace(/##(?=\[|vso\[)/gi, '# #');
}
