import { AppError } from '../core/errors.js';
import type { Result } from '../record/result.js';
import { formatJson } from './json.js';
import { formatJunit } from './junit.js';
import { formatPlain } from './plain.js';
import { formatSummary, type SummaryOptions } from './summary.js';

/** A form that a result can be written in. */
export interface Reporter {
  /** The whole text, ending with a newline. Prints what the result says and judges nothing. */
  format(result: Result, options: SummaryOptions): string;
  /** Name of the file in the run's folder; `undefined` for what goes to stdout unless a file is named. */
  readonly defaultFile: string | undefined;
}

/** Every reporter by the name that `--reporter` takes. */
export const reporters = {
  summary: { format: formatSummary, defaultFile: undefined },
  plain: { format: formatPlain, defaultFile: undefined },
  json: { format: formatJson, defaultFile: 'result.json' },
  junit: { format: formatJunit, defaultFile: 'junit.xml' },
} as const satisfies Record<string, Reporter>;

export type ReporterName = keyof typeof reporters;

/**
 * The reporter of that name.
 * @throws AppError `usage` with the nearest name when there is none
 */
export function reporterOf(name: string): Reporter {
  if (isReporterName(name)) return reporters[name];
  const names = Object.keys(reporters);
  const nearest = names.find((known) => distance(known, name.slice(0, 20).toLowerCase()) <= 2);
  const hint = nearest === undefined ? `Known reporters: ${names.join(', ')}.` : `Did you mean ${nearest}?`;
  throw new AppError('usage', `there is no reporter called '${name}'`, { hint });
}

function isReporterName(name: string): name is ReporterName {
  return Object.hasOwn(reporters, name);
}

/** Levenshtein's distance: insertions, deletions and replacements between two short words. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
