import { type Figure, figures } from './figures.js';
import type { Result, Verdict } from './result.js';

export const repeatSchema = 'cluster-chat/repeat@1';
export const repeatFile = 'repeat.json';

/** One of the runs. */
export interface RepeatedRun {
  /** Below the folder of the document. */
  readonly folder: string;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly partial: boolean;
  /** The command that runs the same again, alone. */
  readonly command: string;
}

/** One figure over all runs in which there was something to measure. */
export interface Spread {
  readonly figure: string;
  /** `ms`, `count` or `rate`. */
  readonly unit: Figure['unit'];
  readonly runs: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** `repeat.json`: what `run --repeat` leaves behind. Within version 1 fields are only ever added. */
export interface Repeat {
  readonly schema: typeof repeatSchema;
  readonly name: string;
  /** The worst: fail beats inconclusive beats pass. */
  readonly verdict: Verdict;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Runs that were asked for, and whether fewer were made, or one was ended early. */
  readonly times: number;
  readonly partial: boolean;
  readonly runs: readonly RepeatedRun[];
  readonly spread: readonly Spread[];
}

/** The worst of verdicts; that of none is inconclusive. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  const order: readonly Verdict[] = ['fail', 'inconclusive', 'pass'];
  return order.find((verdict) => verdicts.includes(verdict)) ?? 'inconclusive';
}

/** The document of several runs. @param results with the folder of each, in order */
export function summarizeRepeat(
  results: readonly { readonly folder: string; readonly result: Result }[],
  of: { readonly name: string; readonly times: number },
): Repeat {
  const verdicts = results.map(({ result }) => result.verdict);
  const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length;
  return {
    schema: repeatSchema,
    name: of.name,
    verdict: worstVerdict(verdicts),
    verdicts: { pass: count('pass'), fail: count('fail'), inconclusive: count('inconclusive') },
    times: of.times,
    partial: results.length < of.times || results.some(({ result }) => result.partial),
    runs: results.map(({ folder, result: { seed, verdict, reasons, partial, manifest } }) => ({
      ...{ folder, seed, verdict, reasons, partial, command: manifest.command },
    })),
    spread: figures.flatMap((figure) => spreadOf(figure, valuesOf(figure, results))),
  };
}

/** What was measured of a figure, run by run, without the runs in which there was too little. */
export function valuesOf(figure: Figure, results: readonly { readonly result: Result }[]): number[] {
  return results.flatMap(({ result }) => result.figures?.[figure.name] ?? []);
}

function spreadOf(figure: Figure, values: readonly number[]): Spread[] {
  if (values.length === 0) return [];
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0] as number, sorted.at(-1) as number];
  return [{ figure: figure.name, unit: figure.unit, runs: values.length, min, median: medianOf(sorted), max }];
}

/** The middle of values, or the mean of the two in the middle. @param sorted ascending, not empty */
export function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(middle) - 1] as number, sorted[Math.floor(middle)] as number];
  return (below + above) / 2;
}
