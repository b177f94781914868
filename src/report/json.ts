import { inertJson } from '../core/inert-json.js';
import type { Result } from '../record/result.js';

/** What a reader looks for first stands first; the rest follows by name. */
const firstKeys: readonly (keyof Result)[] = ['schema', 'name', 'verdict', 'reasons', 'partial', 'seed', 'contract'];

/** The text of `result.json` and its like: two spaces, keys in a fixed order, a newline at the end. */
export function formatJson<Document extends { readonly schema: string }>(document: Document): string {
  return `${inertJson(ordered(document), 2)}\n`;
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
