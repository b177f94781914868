import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankSumP, signedRankP, smallestRankSumP } from '../../src/record/rank-tests.js';

/** Every choice of `size` values out of all. */
function choices(values: readonly number[], size: number): number[][] {
  if (size === 0) return [[]];
  return values.flatMap((value, index) => choices(values.slice(index + 1), size - 1).map((rest) => [value, ...rest]));
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Mean ranks, by definition: how many are smaller, and half of those that are equal. */
function ranksOf(values: readonly number[]): number[] {
  return values.map(
    (value) =>
      values.filter((other) => other < value).length + (values.filter((other) => other === value).length + 1) / 2,
  );
}

const few = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 5 });

describe('the rank-sum test', () => {
  it('says the share of all divisions of the values that are as extreme', () => {
    fc.assert(
      fc.property(few, few, (lower, upper) => {
        const ranks = ranksOf([...lower, ...upper]);
        const observed = sum(ranks.slice(lower.length));
        const all = choices(ranks, upper.length).map(sum);
        const share = all.filter((each) => each >= observed).length / all.length;
        expect(rankSumP(lower, upper)).toBeCloseTo(share, 12);
      }),
    );
  });

  it('knows the smallest chance that so many values can show', () => {
    expect(smallestRankSumP(5, 5)).toBeCloseTo(1 / 252, 12);
    expect(smallestRankSumP(4, 4)).toBeCloseTo(1 / 70, 12);
    expect(smallestRankSumP(3, 7)).toBeCloseTo(1 / 120, 12);
    expect(smallestRankSumP(1, 1)).toBe(1 / 2);
    expect(rankSumP([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toBeCloseTo(smallestRankSumP(5, 5), 12);
  });

  it.each([
    [0.5, 0.42599],
    [3.5, 0.10005],
    [6.5, 0.01058],
    [10.5, 0.00018],
  ] as const)('with 40 against 40 shifted by %f comes close to the exact %f', (shift, exact) => {
    const values = Array.from({ length: 40 }, (_, index) => index);
    const chance = rankSumP(
      values,
      values.map((value) => value + shift),
    );
    expect(Math.abs(chance - exact)).toBeLessThan(0.001);
  });
});

describe('the signed-rank test', () => {
  it('says the share of all signs of the differences that are as extreme', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 6 }), { maxLength: 8 }), (differences) => {
        const moved = differences.filter((each) => each !== 0);
        const ranks = ranksOf(moved.map(Math.abs));
        const observed = sum(ranks.filter((_, index) => (moved[index] ?? 0) > 0));
        let extreme = 0;
        for (let signs = 0; signs < 2 ** moved.length; signs++) {
          if (sum(ranks.filter((_, index) => (signs >> index) & 1)) >= observed) extreme++;
        }
        expect(signedRankP(differences)).toBeCloseTo(extreme / 2 ** moved.length, 12);
      }),
    );
  });

  it('needs seven differences of one sign to be below one in a hundred', () => {
    expect(signedRankP([1, 2, 3, 4, 5, 6])).toBeGreaterThan(0.01);
    expect(signedRankP([1, 2, 3, 4, 5, 6, 7])).toBeLessThan(0.01);
  });
});
