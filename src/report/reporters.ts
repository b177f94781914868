import { AppError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
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
  const near = nearest(name, names);
  const hint = near === undefined ? `Known reporters: ${names.join(', ')}.` : `Did you mean ${near}?`;
  throw new AppError('usage', `there is no reporter called '${name}'`, { hint });
}

function isReporterName(name: string): name is ReporterName {
  return Object.hasOwn(reporters, name);
}
