import { describe, expect, it } from 'vitest';
import { metricTable } from '../../src/record/metrics.js';
import { holds, parseExpression } from '../../src/scenario/expression.js';

const metrics = { time: metricTable['delivery.latency'], count: metricTable['delivery.missing'] } as const;

function parse(text: string, kind: keyof typeof metrics) {
  return parseExpression(text, metrics[kind] ?? { aggregations: {} });
}

describe('parseExpression', () => {
  it.each([
    ['p(99) < 250ms', { aggregate: { type: 'quantile', percent: 99 }, operator: '<', bound: 250 }],
    ['p( 99.9 )<=1.5s', { aggregate: { type: 'quantile', percent: 99.9 }, operator: '<=', bound: 1500 }],
    ['  max < 5s  ', { aggregate: { type: 'max' }, operator: '<', bound: 5000 }],
    ['med >= 1 m', { aggregate: { type: 'med' }, operator: '>=', bound: 60_000 }],
    ['avg != 800us', { aggregate: { type: 'avg' }, operator: '!=', bound: 0.8 }],
  ])('reads the time condition %j', (text, expression) => {
    expect(parse(text, 'time')).toEqual({ type: 'expression', expression });
  });

  it.each([
    ['count == 0', { aggregate: { type: 'count' }, operator: '==', bound: 0 }],
    ['count>12000', { aggregate: { type: 'count' }, operator: '>', bound: 12_000 }],
    ['rate < 0.1%', { aggregate: { type: 'rate' }, operator: '<', bound: 0.001 }],
    ['rate == 0', { aggregate: { type: 'rate' }, operator: '==', bound: 0 }],
  ])('reads the count condition %j', (text, expression) => {
    expect(parse(text, 'count')).toEqual({ type: 'expression', expression });
  });

  it.each([
    ['p(0) < 1s', 'time', '"p(0)" cannot be asked of this metric'],
    ['p(100) < 1s', 'time', '"p(100)" cannot be asked of this metric'],
    ['count == 0', 'time', '"count" cannot be asked of this metric'],
    ['max < 5s', 'count', '"max" cannot be asked of this metric'],
    ['max < 5', 'time', '5 needs a unit'],
    ['max < soon', 'time', '"soon" is not a duration'],
    ['max = 5s', 'time', '"max = 5s" is not a condition'],
    ['max << 5s', 'time', '"max << 5s" is not a condition'],
    ['5s > max', 'time', '"5s > max" is not a condition'],
    ['', 'time', '"" is not a condition'],
    ['count == -1', 'count', '"-1" is not a count'],
    ['count < 1.5', 'count', '"1.5" is not a count'],
    ['rate < 0.1', 'count', '"0.1" is not a share'],
  ] as const)('refuses %j for a %s', (text, kind, message) => {
    expect(parse(text, kind)).toMatchObject({ type: 'problem', message });
  });
});

describe('holds', () => {
  it.each([
    ['<', [true, false, false]],
    ['<=', [true, true, false]],
    ['>', [false, false, true]],
    ['>=', [false, true, true]],
    ['==', [false, true, false]],
    ['!=', [true, false, true]],
  ] as const)('compares 1, 2 and 3 with 2 by %s', (operator, expected) => {
    expect([1, 2, 3].map((actual) => holds(actual, operator, 2))).toEqual(expected);
  });
});
