import type { Result } from '../record/result.js';

/** What a reader looks for first stands first; the rest follows by name. */
const firstKeys: readonly (keyof Result)[] = ['schema', 'name', 'verdict', 'reasons', 'partial', 'seed', 'contract'];

/**
 * Characters that JSON allows in a string but a terminal or CI runner would obey: DEL, C1, invisible and
 * bidirectional controls, and the first sign of `##[` and `##vso[`. As escapes they stay the same text for a parser.
 */
const obeyed = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|#(?=#)/g;

/** The text of `result.json` and its like: two spaces, keys in a fixed order, a newline at the end. */
export function formatJson<Document extends { readonly schema: string }>(document: Document): string {
  const text = JSON.stringify(ordered(document), undefined, 2).replace(
    obeyed,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${text}\n`;
}

/** The same value with its keys in order, so that two results can be compared line by line. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, child]) => [key, ordered(child)]));
}

function rank(key: string): number {
  const index = (firstKeys as readonly string[]).indexOf(key);
  return index === -1 ? firstKeys.length : index;
}
