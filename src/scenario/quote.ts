import { redactText } from '../core/redact-text.js';

/** A value from a scenario as messages show it: short, without secrets of URLs, never a whole structure. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    const text = redactText(value.slice(0, 500));
    return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
  }
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : String(value);
}
