import { parseDuration } from '../core/quantity.js';

/** What is compared: a quantile (`p(99)`, in percent) or another figure of a metric. */
export type Aggregate =
  | { readonly type: 'quantile'; readonly percent: number }
  | { readonly type: 'min' | 'max' | 'med' | 'avg' | 'count' | 'rate' };

export type Operator = '<' | '<=' | '>' | '>=' | '==' | '!=';

export interface Expression {
  readonly aggregate: Aggregate;
  readonly operator: Operator;
  /** In milliseconds for times, a plain number for counts, from 0 to 1 for rates. */
  readonly bound: number;
}

/** What a metric measures, and so which figures and units its expressions may use. */
export type MetricKind = 'time' | 'count';

export type ParsedExpression =
  | { readonly type: 'expression'; readonly expression: Expression }
  | { readonly type: 'problem'; readonly message: string; readonly hint: string };

const timeFigures = ['min', 'max', 'med', 'avg'] as const;
const countFigures = ['count', 'rate'] as const;

function problem(message: string, hint: string): ParsedExpression {
  return { type: 'problem', message, hint };
}

/**
 * Reads `p(99) < 250ms`, `max < 5s`, `count == 0` or `rate < 0.1%`. Times need a unit, so that
 * nobody has to guess whether 250 meant seconds.
 */
export function parseExpression(text: string, kind: MetricKind): ParsedExpression {
  const example = kind === 'time' ? 'p(99) < 250ms' : 'count == 0';
  // The bounds keep the pattern from running long on a hostile file.
  const match = /^([a-z]{1,16}(?:\([^()]{0,16}\))?)\s{0,8}(<=|>=|==|!=|<|>)\s{0,8}([^\s<>=].{0,30})$/.exec(text.trim());
  if (match === null) return problem(`"${text}" is not a condition`, `Write it like ${example}.`);
  const [, figure = '', operator = '', bound = ''] = match;
  const aggregate = parseAggregate(figure, kind);
  if (aggregate === undefined) {
    const known = kind === 'time' ? ['p(99)', ...timeFigures] : countFigures;
    return problem(`"${figure}" cannot be asked of this metric`, `It has ${known.join(', ')}.`);
  }
  const value = parseBound(bound, aggregate);
  if (value === undefined) return problem(...boundProblem(bound, aggregate));
  return { type: 'expression', expression: { aggregate, operator: operator as Operator, bound: value } };
}

function parseAggregate(figure: string, kind: MetricKind): Aggregate | undefined {
  const percent = /^p\(\s*(\d{1,3}(?:\.\d{1,6})?)\s*\)$/.exec(figure)?.[1];
  if (kind === 'time' && percent !== undefined) {
    const value = Number(percent);
    return value > 0 && value < 100 ? { type: 'quantile', percent: value } : undefined;
  }
  const known = kind === 'time' ? timeFigures : countFigures;
  const type = known.find((name) => name === figure);
  return type === undefined ? undefined : { type };
}

function parseBound(text: string, aggregate: Aggregate): number | undefined {
  switch (aggregate.type) {
    case 'count':
      return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
    case 'rate': {
      const percent = /^(\d{1,3}(?:\.\d{1,9})?)\s*%$/.exec(text)?.[1];
      // Nought needs no unit.
      return percent === undefined ? (text === '0' ? 0 : undefined) : Number(percent) / 100;
    }
    default:
      return parseDuration(text);
  }
}

function boundProblem(text: string, aggregate: Aggregate): [message: string, hint: string] {
  switch (aggregate.type) {
    case 'count':
      return [`"${text}" is not a count`, 'Give a whole number: count == 0.'];
    case 'rate':
      return [`"${text}" is not a share`, 'Give it in percent: rate < 0.1%.'];
    default:
      if (/^\d+(\.\d+)?$/.test(text)) return [`${text} needs a unit`, `Write ${text}ms or ${text}s.`];
      return [`"${text}" is not a duration`, 'Give a number with its unit: 250ms, 5s, 1m.'];
  }
}

/** Whether a measured value meets the condition. */
export function holds(actual: number, operator: Operator, bound: number): boolean {
  switch (operator) {
    case '<':
      return actual < bound;
    case '<=':
      return actual <= bound;
    case '>':
      return actual > bound;
    case '>=':
      return actual >= bound;
    case '==':
      return actual === bound;
    case '!=':
      return actual !== bound;
  }
}
