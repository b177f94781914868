import { isSecretName, redactUrl } from '../core/redact.js';
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
  if (issue.type === 'override') return `--set ${visible(withoutSecrets(issue.override))}: ${visible(issue.message)}`;
  const message = visible(issue.message);
  if (issue.line === 0) return `${visible(issue.file)}: ${message}`;
  const start = Math.max(0, issue.column - 1 - maxShown / 2);
  const source = withoutSecrets(issue.source);
  const before = visible(source.slice(start, issue.column - 1));
  const after = visible(source.slice(issue.column - 1, start + maxShown));
  const place = `${visible(issue.file)}:${issue.line}:${issue.column}: ${message}`;
  return `${place}\n    ${before}${after}\n    ${' '.repeat(before.length)}^`;
}

/** A line without values behind secret names and without user information in URLs. What precedes them keeps its place. */
function withoutSecrets(line: string): string {
  return line
    .replace(/([\w-]+)(["']?\s{0,8}[:=]\s{0,8})([^\s{[].*)$/g, (whole, name: string, mark: string) =>
      isSecretName(name) ? `${name}${mark}***` : whole,
    )
    .replace(/[a-z][a-z0-9+.-]{0,19}:\/\/[^\s"']+/gi, redactUrl);
}
