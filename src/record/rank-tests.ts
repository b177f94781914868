/**
 * Two rank tests, one-sided and by their permutation distribution, ties given their mean rank: [Lehmann,
 * Nonparametrics: Statistical Methods Based on Ranks, 1975, 1.4 and 3.2]. They assume nothing of the distribution of
 * a latency, which is never normal.
 */

/** Ranks from 1, doubled so that mean ranks of ties are whole. */
function doubledRanks(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return values.map((value) => sorted.indexOf(value) + 1 + (sorted.lastIndexOf(value) + 1));
}

/** Above this many values the exact distribution is not worth its time. */
const maxExact = 60;

/**
 * The chance that values drawn alike would stand so far above others as `upper` does above `lower` [Mann and Whitney,
 * Annals of Mathematical Statistics 18, 1947]. Exact up to 60 values, then by its normal limit.
 */
export function rankSumP(lower: readonly number[], upper: readonly number[]): number {
  const ranks = doubledRanks([...lower, ...upper]);
  const observed = ranks.slice(lower.length).reduce((a, b) => a + b, 0);
  const total = ranks.reduce((a, b) => a + b, 0);
  if (ranks.length > maxExact) return normalRankSumP(ranks, upper.length, observed);
  // ways[k][s]: how many choices of k values have the rank sum s.
  const ways = Array.from({ length: upper.length + 1 }, () => new Float64Array(total + 1));
  (ways[0] as Float64Array)[0] = 1;
  for (const rank of ranks) {
    for (let k = upper.length; k >= 1; k--) {
      const [into, from] = [ways[k] as Float64Array, ways[k - 1] as Float64Array];
      for (let sum = total; sum >= rank; sum--) into[sum] = (into[sum] as number) + (from[sum - rank] as number);
    }
  }
  return shareFrom(ways[upper.length] as Float64Array, observed);
}

/**
 * The chance that paired differences which are as often above as below zero would stand so far above it [Wilcoxon,
 * Biometrics Bulletin 1, 1945]. Pairs without a difference say nothing. Exact; for at most some hundred pairs.
 */
export function signedRankP(differences: readonly number[]): number {
  const moved = differences.filter((difference) => difference !== 0);
  const ranks = doubledRanks(moved.map(Math.abs));
  const observed = ranks.filter((_, index) => (moved[index] as number) > 0).reduce((a, b) => a + b, 0);
  const total = ranks.reduce((a, b) => a + b, 0);
  const ways = new Float64Array(total + 1);
  ways[0] = 1;
  for (const rank of ranks) {
    for (let sum = total; sum >= rank; sum--) ways[sum] = (ways[sum] as number) + (ways[sum - rank] as number);
  }
  return shareFrom(ways, observed);
}

/** The smallest chance that so many values on each side can show: that of complete separation. */
export function smallestRankSumP(lower: number, upper: number): number {
  let choices = 1;
  for (let i = 1; i <= Math.min(lower, upper); i++) choices = (choices * (Math.max(lower, upper) + i)) / i;
  return 1 / choices;
}

function shareFrom(ways: Float64Array, observed: number): number {
  const all = ways.reduce((a, b) => a + b, 0);
  return ways.subarray(observed).reduce((a, b) => a + b, 0) / all;
}

function normalRankSumP(doubled: readonly number[], size: number, observed: number): number {
  const [all, mean] = [doubled.length, doubled.length + 1];
  const spread = doubled.reduce((sum, rank) => sum + (rank - mean) ** 2, 0) / all;
  const deviation = Math.sqrt((size * (all - size) * spread) / (all - 1));
  return deviation === 0 ? 1 : upperTail((observed - 1 - size * mean) / deviation);
}

/** The upper tail of the normal distribution [Abramowitz and Stegun, 26.2.17; its error is below 7.5e-8]. */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
