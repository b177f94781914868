import { isSecretName } from '../core/redact.js';
import { redactText } from '../core/redact-text.js';
import { visible } from '../core/visible.js';

/** A mistake in a scenario, where it stands and what is wrong. */
export type Issue =
  | {
      readonly type: 'file';
      readonly file: string;
      /** Counted from 1; 0 when the file as a whole is meant. */
      readonly line: number;
      /** Counted from 1, in UTF-16 code units. */
      readonly column: number;
      /** The line of the file. */
      readonly source: string;
      readonly message: string;
    }
  | {
      readonly type: 'override';
      /** The value of `--set` as it was given. */
      readonly override: string;
      readonly message: string;
    };

/** Lines longer than this are cut around the place that is meant. */
const maxShown = 110;
/** How far to both sides secrets are looked for; a hostile line must not take long. */
const maxRead = 1_000;

/** An issue at a line of a file; line 0 for the file as a whole. */
export function fileIssue(
  file: string,
  lines: readonly string[],
  line: number,
  column: number,
  message: string,
): Issue {
  return { type: 'file', file, line, column, source: lines[line - 1] ?? '', message };
}

/**
 * Two or three lines for people: place and message, and for a file the line itself with a caret under
 * the place. Safe for a terminal.
 */
export function formatIssue(issue: Issue): string {
  const message = visible(issue.message);
  if (issue.type === 'override') {
    return `--set ${visible(withoutSecrets(issue.override.slice(0, maxRead)))}: ${message}`;
  }
  if (issue.line === 0) return `${visible(issue.file)}: ${message}`;
  // Cut only after the secrets are gone; a cut could hide what marks them as such.
  const at = issue.column - 1;
  const fullBefore = withoutSecrets(issue.source.slice(Math.max(0, at - maxRead), at));
  const isCut = fullBefore.endsWith('***');
  const full = isCut ? fullBefore : fullBefore + withoutSecrets(issue.source.slice(at, at + maxRead));
  const start = Math.max(0, fullBefore.length - maxShown / 2);
  const before = visible(full.slice(start, fullBefore.length));
  const after = visible(full.slice(fullBefore.length, start + maxShown));
  const place = `${visible(issue.file)}:${issue.line}:${issue.column}: ${message}`;
  return `${place}\n    ${before}${after}\n    ${' '.repeat(before.length)}^`;
}

/** A line up to the first value behind a secret name, and without secrets in URLs. */
function withoutSecrets(line: string): string {
  for (const match of line.matchAll(/([\w-]{1,40})["']?\s{0,8}[:=]\s{0,8}(?=\S)/g)) {
    const isSecret = match[1] === 'headers' || isSecretName(match[1] ?? '');
    if (isSecret) return `${redactText(line.slice(0, match.index + match[0].length))}***`;
  }
  return redactText(line);
}
