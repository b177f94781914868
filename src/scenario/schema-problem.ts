import * as z from 'zod';
import { suggestion } from '../core/nearest.js';
import { isSecretPath, type Path, type Problem } from './problem.js';
import { quote } from './quote.js';

type ZodIssue = z.core.$ZodIssue;

/** What the schema calls a type, in the words of somebody who writes YAML. */
const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};

/** Turns what the schema found into problems with sentences of our own. */
export function schemaProblems(schema: z.ZodType, issues: readonly ZodIssue[]): Problem[] {
  return issues.flatMap((issue) => problemsOf(schema, issue, issue.path as Path));
}

function problemsOf(schema: z.ZodType, issue: ZodIssue, path: Path): Problem[] {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = keysAt(schema, path);
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: 'key',
        message: `unknown key ${quote(key)}; ${suggestion(key, known)}`,
      }));
    }
    case 'invalid_union':
      return unionProblems(schema, issue, path);
    default:
      return [{ path, at: 'value', message: isMissing(issue) ? missing(path) : sentence(withoutSecret(issue, path)) }];
  }
}

/** Messages quote what was given; of a secret they must not. */
function withoutSecret(issue: ZodIssue, path: Path): ZodIssue {
  return isSecretPath(path) ? ({ ...issue, input: '***' } as ZodIssue) : issue;
}

/**
 * Of the branches of a union the one speaks that got beyond the outermost type: whoever wrote a map
 * wants to hear what is wrong in the map.
 */
function unionProblems(schema: z.ZodType, issue: z.core.$ZodIssueInvalidUnion, path: Path): Problem[] {
  const branch = issue.errors.find((errors) => errors.every((error) => error.path.length > 0 || !isWrongType(error)));
  if (branch === undefined) return [{ path, at: 'value', message: isMissing(issue) ? missing(path) : issue.message }];
  return branch.flatMap((error) => problemsOf(schema, error, [...path, ...(error.path as Path)]));
}

function isWrongType(issue: ZodIssue): boolean {
  return issue.code === 'invalid_type';
}

function isMissing(issue: ZodIssue): boolean {
  return issue.input === undefined && issue.code !== 'custom';
}

function missing(path: Path): string {
  return `missing key ${quote(path.at(-1))}`;
}

function sentence(issue: ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      // Leaves with a message of their own (units) say more than the type.
      return issue.message.startsWith('Invalid input') ? wrongType(issue.expected, issue.input) : issue.message;
    case 'invalid_value': {
      const known = issue.values.map(String);
      if (known.length === 1) return `expected ${known[0]}, got ${quote(issue.input)}`;
      return `${quote(issue.input)} is not one of the values; ${suggestion(String(issue.input), known)}`;
    }
    case 'too_small':
      return outOfBounds(issue.origin, 'at least', Number(issue.minimum), issue.input);
    case 'too_big':
      return outOfBounds(issue.origin, 'at most', Number(issue.maximum), issue.input);
    default:
      return issue.message;
  }
}

function wrongType(expected: string, input: unknown): string {
  const wanted = typeWords[expected] ?? expected;
  const cure = expected === 'string' && typeof input !== 'object' ? '; put it in quotes' : '';
  return `expected ${wanted}, got ${quote(input)}${cure}`;
}

function outOfBounds(origin: string, which: string, bound: number, input: unknown): string {
  switch (origin) {
    case 'string':
      return bound === 1 ? 'must not be empty' : `too long: ${which} ${bound} characters`;
    case 'array':
      return bound === 1 ? 'the list is empty; it needs at least one entry' : `too many entries: ${which} ${bound}`;
    default:
      return `${quote(input)} is out of bounds; ${which} ${bound}`;
  }
}

/** The keys that the schema knows at a path; none where it has no map there. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  const inner = unwrap(schema);
  const [step, ...rest] = path;
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => keysAt(option as z.ZodType, path));
  if (inner instanceof z.ZodObject) {
    if (step === undefined) return Object.keys(inner.shape).filter((key) => !key.startsWith('$'));
    const next: unknown = Object.hasOwn(inner.shape, step) ? inner.shape[step] : undefined;
    return next instanceof z.ZodType ? keysAt(next, rest) : [];
  }
  if (step === undefined) return [];
  if (inner instanceof z.ZodArray) return keysAt(inner.element as z.ZodType, rest);
  return inner instanceof z.ZodRecord ? keysAt(inner.valueType as z.ZodType, rest) : [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.unwrap() as z.ZodType;
  }
  return inner instanceof z.ZodPipe ? unwrap(inner.in as z.ZodType) : inner;
}
