import type { Figure } from './figures.js';
import type { LatencyWindow } from './latency-windows.js';
import { metricTable } from './metrics.js';
import { rankSumP, signedRankP, smallestRankSumP } from './rank-tests.js';
import { medianOf } from './repeat.js';

/** What became of a figure from A to B. `unjudged` says that nothing can be concluded from it. */
export type Change = 'worse' | 'better' | 'noise' | 'unjudged';

/** One figure of two runs, or of many. */
export interface Judged {
  readonly figure: string;
  readonly unit: Figure['unit'];
  readonly a: Values;
  readonly b: Values;
  readonly change: Change;
  /** How it was judged, as a few words. */
  readonly because: string;
}

/** The runs of one side in which there was something to measure. */
export interface Values {
  readonly runs: number;
  readonly min: number | null;
  readonly median: number | null;
  readonly max: number | null;
}

/** What is known of a figure on one side. */
export interface Side {
  /** One for each run. */
  readonly values: readonly number[];
  /** Of a single run; empty otherwise. */
  readonly windows: readonly LatencyWindow[];
  readonly isSaturated: boolean;
}

type Judgement = Pick<Judged, 'change' | 'because'>;
type Known = Omit<Figure, 'read'>;

/** A chance below this is taken for none. */
const significant = 0.01;

/** The least that matters: relative to A, and in the unit of the figure. Anything below is called noise. */
interface Effect {
  readonly relative: number;
  readonly absolute: number;
}
const leastOfMany: Readonly<Record<Figure['unit'], Effect>> = {
  ms: { relative: 0.1, absolute: 1 },
  rate: { relative: 0.25, absolute: 0.001 },
  count: { relative: 0.25, absolute: 1 },
};
const leastOfOne: Readonly<Record<Figure['unit'], Effect>> = {
  ms: { relative: 0.5, absolute: 5 },
  rate: { relative: 1, absolute: 0.005 },
  count: { relative: 1, absolute: 5 },
};
/** A change in time so great that it needs no test. */
const evidentMs: Effect = { relative: 3, absolute: 100 };
/** How fast clients come back hangs on few moments of chance, which all clients of a run share. */
const leastReconnectMs: Effect = { relative: 1, absolute: 500 };

/**
 * Judges one figure.
 *
 * - What must not be at all (a missing delivery) is exact: none in A and one in B is a regression, with no band.
 * - Several runs on a side: the rank-sum test on the runs at 1 %, one-sided, and the median must move by 10 % and 1 ms
 *   (a share: by a quarter and 0.1 points). A rank test knows no outliers, and an effect of no size is none [Kalibera
 *   and Jones, Rigorous Benchmarking in Reasonable Time, 2013]. Too few runs to reach 1 % (fewer than 5 against 4)
 *   must be separated completely, and by twice that.
 * - One run on each side says nothing of the spread between runs. The band is then wide: half as much again and 5 ms,
 *   and the response times of the 20 parts of the load, pair by pair, must have moved by the signed-rank test at 1 %;
 *   or four times as much and 100 ms. A share must double, and by half a point.
 * @returns undefined for figures that are not compared: shares of what is compared as a whole, or nothing measured
 */
export function judgeFigure(figure: Known, a: Side, b: Side): Judged | undefined {
  const { name, unit } = figure;
  if (!isCompared(figure, a.values, b.values)) return undefined;
  return { figure: name, unit, a: valuesFrom(a.values), b: valuesFrom(b.values), ...judgementOf(figure, a, b) };
}

/**
 * Counts depend on the length of the load, so their share is judged; except for what must not be at all, as long as
 * one side has none of it.
 */
function isCompared(
  { better, unit, aggregation, isExact, metric }: Known,
  a: Side['values'],
  b: Side['values'],
): boolean {
  if (better === 'neither' || a.length + b.length === 0) return false;
  if (unit === 'ms') return ['med', 'p(95)', 'p(99)', 'max'].includes(aggregation);
  const { rate, p } = metricTable[metric]?.aggregations ?? {};
  if (unit === 'count' && p !== undefined) return false;
  const isNone = isExact && Math.min(Math.max(...a), Math.max(...b)) === 0;
  return unit === 'rate' ? !isNone : isNone || rate === undefined;
}

function judgementOf(figure: Known, a: Side, b: Side): Judgement {
  if (a.values.length === 0 || b.values.length === 0) return unjudged('measured on one side only');
  if (figure.isLatency && (a.isSaturated || b.isSaturated)) return unjudged('the generator was saturated');
  const [inA, inB] = [Math.max(...a.values), Math.max(...b.values)];
  if (figure.isExact && inA === 0 && inB > 0) return { change: 'worse', because: 'there was none' };
  if (figure.isExact && inA > 0 && inB === 0) return { change: 'better', because: 'there is none any more' };
  const isSingle = a.values.length === 1 && b.values.length === 1;
  return isSingle ? judgeSingle(figure, a, b) : judgeMany(figure, a.values, b.values);
}

function judgeMany(figure: Known, a: readonly number[], b: readonly number[]): Judgement {
  const [costsA, costsB] = [a, b].map((values) => values.map((value) => costOf(figure, value))) as [number[], number[]];
  const [before, after] = [middle(costsA), middle(costsB)];
  const [low, high] = after >= before ? [costsA, costsB] : [costsB, costsA];
  const chance = rankSumP(low, high);
  const smallest = smallestRankSumP(a.length, b.length);
  const isEnough = smallest <= significant;
  const least = leastOfMany[figure.unit];
  const because = `chance ${formatChance(chance)}${isEnough ? '' : ', of few runs'}`;
  const isClear = isEnough ? chance <= significant : chance <= smallest * 1.001;
  if (!isClear || !exceeds(before, after, least, isEnough ? 1 : 2)) return { change: 'noise', because };
  return { change: after > before ? 'worse' : 'better', because };
}

function judgeSingle(figure: Known, a: Side, b: Side): Judgement {
  const [before, after] = [costOf(figure, a.values[0] ?? 0), costOf(figure, b.values[0] ?? 0)];
  const change = after > before ? 'worse' : 'better';
  if (figure.unit !== 'ms') {
    const because = 'one run each';
    return { change: exceeds(before, after, leastOfOne[figure.unit]) ? change : 'noise', because };
  }
  // One maximum each says nothing.
  if (figure.aggregation === 'max') return unjudged('one run each');
  if (!figure.isLatency) {
    return { change: exceeds(before, after, leastReconnectMs) ? change : 'noise', because: 'one run each' };
  }
  if (exceeds(before, after, evidentMs)) return { change, because: 'more than four times' };
  const pairs = windowPairs(figure, a.windows, b.windows);
  if (pairs.length < 7) return { change: 'noise', because: 'one run each, too few samples for a test' };
  const chance = signedRankP(pairs.map(([inA, inB]) => (after > before ? inB - inA : inA - inB)));
  const isClear = chance <= significant && exceeds(before, after, leastOfOne.ms);
  return { change: isClear ? change : 'noise', because: `one run each, chance ${formatChance(chance)} by its parts` };
}

/** Response times of both runs in the same part of the load, where both have enough. Only they are kept in parts. */
function windowPairs(
  { metric, aggregation }: Known,
  a: readonly LatencyWindow[],
  b: readonly LatencyWindow[],
): (readonly [number, number])[] {
  if (metric !== 'delivery.latency') return [];
  const read = (window: LatencyWindow | undefined): number | null | undefined =>
    aggregation === 'med' ? window?.p50Ms : window?.p90Ms;
  return a.flatMap((window, index) => {
    const [inA, inB] = [read(window), read(b[index])];
    return inA == null || inB == null ? [] : [[inA, inB] as const];
  });
}

/** A number of which more is worse: of a share of which more is better, what is lacking. */
function costOf({ better, unit }: Known, value: number): number {
  return better === 'less' ? value : unit === 'rate' ? 1 - value : -value;
}

function exceeds(before: number, after: number, least: Effect, factor = 1): boolean {
  const moved = Math.abs(after - before);
  return moved >= least.absolute * factor && moved >= Math.min(before, after) * least.relative * factor;
}

function middle(values: readonly number[]): number {
  return medianOf([...values].sort((a, b) => a - b));
}

function valuesFrom(values: readonly number[]): Values {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return { runs: 0, min: null, median: null, max: null };
  return { runs: sorted.length, min: sorted[0] ?? null, median: medianOf(sorted), max: sorted.at(-1) ?? null };
}

function unjudged(because: string): Judgement {
  return { change: 'unjudged', because };
}

function formatChance(chance: number): string {
  return chance < 0.001 ? 'below 0.1%' : `${(chance * 100).toFixed(1)}%`;
}
