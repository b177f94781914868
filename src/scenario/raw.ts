/** Readers for a scenario that may be wrong anywhere: what does not fit reads as nothing. */

export type RawMap = Readonly<Record<string, unknown>>;

export function asMap(value: unknown): RawMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as RawMap) : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** One text as a list of one, a list of texts as it is. */
export function asTexts(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : asList(value).filter((item) => typeof item === 'string');
}
