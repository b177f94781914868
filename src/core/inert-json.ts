/**
 * Characters that JSON allows in a string but a terminal or CI runner would obey: DEL, C1, invisible and
 * bidirectional controls, and the first sign of `##[` and `##vso[`. As escapes they stay the same text for a parser.
 */
const obeyed = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|#(?=#)/g;

/** A value as JSON that means the same to a parser and nothing to a terminal. */
export function inertJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    obeyed,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
