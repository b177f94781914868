import { parseDuration } from '../core/quantity.js';
import type { Aggregation, Metric } from '../record/metrics.js';

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

export type ParsedExpression =
  | { readonly type: 'expression'; readonly expression: Expression }
  | { readonly type: 'problem'; readonly message: string; readonly hint: string };

function problem(message: string, hint: string): ParsedExpression {
  return { type: 'problem', message, hint };
}

/**
 * Reads `p(99) < 250ms`, `max < 5s`, `count == 0` or `rate < 0.1%`. Times need a unit, so that
 * nobody has to guess whether 250 meant seconds.
 * @param of the metric: which figures it has
 */
export function parseExpression(text: string, of: Pick<Metric, 'aggregations'>): ParsedExpression {
  // The bounds keep the pattern from running long on a hostile file.
  const match = /^([a-z]{1,16}(?:\([^()]{0,16}\))?)\s{0,8}(<=|>=|==|!=|<|>)\s{0,8}([^\s<>=].{0,30})$/.exec(text.trim());
  if (match === null) {
    const example = of.aggregations.p === undefined ? 'count == 0' : 'p(99) < 250ms';
    return problem(`"${text}" is not a condition`, `Write it like ${example}.`);
  }
  const [, figure = '', operator = '', bound = ''] = match;
  const aggregate = parseAggregate(figure, of);
  if (aggregate === undefined) {
    const known = Object.keys(of.aggregations).map((name) => (name === 'p' ? 'p(99)' : name));
    return problem(`"${figure}" cannot be asked of this metric`, `It has ${known.join(', ')}.`);
  }
  const value = parseBound(bound, aggregate);
  if (value === undefined) return problem(...boundProblem(bound, aggregate));
  return { type: 'expression', expression: { aggregate, operator: operator as Operator, bound: value } };
}

const figures = ['min', 'max', 'med', 'avg', 'count', 'rate'] as const satisfies readonly Aggregation[];

function parseAggregate(figure: string, { aggregations }: Pick<Metric, 'aggregations'>): Aggregate | undefined {
  const percent = /^p\(\s*(\d{1,3}(?:\.\d{1,6})?)\s*\)$/.exec(figure)?.[1];
  if (aggregations.p !== undefined && percent !== undefined) {
    const value = Number(percent);
    return value > 0 && value < 100 ? { type: 'quantile', percent: value } : undefined;
  }
  const type = figures.find((name) => name === figure);
  return type === undefined || aggregations[type] === undefined ? undefined : { type };
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
