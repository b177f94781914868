import { formatDuration } from '../core/quantity.js';
import { type Figure, figures } from './figures.js';
import { type Change, type Judged, judgeFigure, type Side } from './judge-change.js';
import type { LatencyWindow } from './latency-windows.js';
import { medianOf, valuesOf } from './repeat.js';
import { isEvidenceCut, type Result, type Verdict } from './result.js';

export const compareSchema = 'cluster-chat/compare@1';

/** A run to compare, or one of several. */
export interface ComparedRun {
  readonly folder: string;
  readonly result: Result;
  /** Empty where the events were of no use. */
  readonly windows: readonly LatencyWindow[];
}

/** One of the two things compared. */
export interface ComparedSide {
  readonly folder: string;
  readonly name: string;
  readonly runs: number;
  readonly seeds: readonly number[];
  readonly verdicts: Readonly<Record<Verdict, number>>;
}

/** What `compare --json` prints. Within version 1 fields are only ever added. */
export interface Comparison {
  readonly schema: typeof compareSchema;
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  /** What is not the same about the two, so that they may be apples and pears; sentences. */
  readonly differences: readonly string[];
  /** Runs whose evidence was cut: nothing is judged by them. */
  readonly cut: readonly string[];
  readonly regressions: number;
  readonly improvements: number;
  readonly figures: readonly Judged[];
}

/** Compares two runs, or the runs of two repetitions. @param folder of each side, as it is to be shown */
export function compareRuns(
  a: { readonly folder: string; readonly runs: readonly ComparedRun[] },
  b: { readonly folder: string; readonly runs: readonly ComparedRun[] },
): Comparison {
  const cut = [...a.runs, ...b.runs].filter(({ result }) => isEvidenceCut(result)).map(({ folder }) => folder);
  const judged = cut.length > 0 ? [] : judgeAll(a.runs, b.runs);
  const count = (change: Change): number => judged.filter((each) => each.change === change).length;
  return {
    schema: compareSchema,
    a: sideOf(a),
    b: sideOf(b),
    differences: differencesBetween(a.runs, b.runs),
    cut,
    regressions: count('worse'),
    improvements: count('better'),
    figures: judged,
  };
}

function judgeAll(a: readonly ComparedRun[], b: readonly ComparedRun[]): Judged[] {
  const side = (runs: readonly ComparedRun[], values: readonly number[]): Side => ({
    values,
    // Windows of one run lie side by side with those of one other; of many, the runs themselves show the spread.
    windows: runs.length === 1 ? (runs[0]?.windows ?? []) : [],
    isSaturated: runs.some(({ result }) => result.generator.saturated),
  });
  const failed = (runs: readonly ComparedRun[]): number[] =>
    runs.map(({ result }) => Number(result.verdict === 'fail'));
  return [
    judgeFigure(verdictFigure, side(a, failed(a)), side(b, failed(b))),
    ...figures.map((figure) => judgeFigure(figure, side(a, valuesOf(figure, a)), side(b, valuesOf(figure, b)))),
  ].flatMap((judged) => judged ?? []);
}

/** 1 for each run that failed. */
const verdictFigure: Omit<Figure, 'read'> = {
  ...{ name: 'verdict fail', metric: 'verdict', aggregation: 'count', unit: 'count' },
  ...{ better: 'less', isExact: true, isLatency: false },
};

function sideOf({ folder, runs }: { folder: string; runs: readonly ComparedRun[] }): ComparedSide {
  const count = (verdict: Verdict): number => runs.filter(({ result }) => result.verdict === verdict).length;
  return {
    folder,
    name: runs[0]?.result.name ?? '',
    runs: runs.length,
    seeds: runs.map(({ result }) => result.seed),
    verdicts: { pass: count('pass'), fail: count('fail'), inconclusive: count('inconclusive') },
  };
}

/** A difference in loop delay that shows in latencies. */
const busyDelayMs = 5;

/** What a comparison takes for granted to be equal, by its name. */
const conditions: Readonly<Record<string, (result: Result) => string | number>> = {
  scenario: ({ name }) => name,
  contract: ({ contract }) => contract,
  nodes: ({ manifest }) => manifest.nodes,
  broker: ({ manifest }) => manifest.brokerKind,
  balancer: ({ manifest }) => manifest.balancerKind,
  clients: ({ manifest }) => manifest.clients,
  engine: ({ manifest }) => manifest.engine,
  'length of the load in ms': ({ manifest }) => manifest.durationMs,
  'worker processes': ({ manifest }) => manifest.workers,
  faults: ({ faults }) => faults.map(({ type, node }) => `${type} ${node}`).join(', ') || 'none',
  'version of cluster-chat': ({ manifest }) => manifest.version,
  'version of Node': ({ manifest }) => manifest.node,
  'kind of machine': ({ manifest }) => `${manifest.platform}, ${manifest.cpus} processors`,
  'ended early': ({ partial }) => String(partial),
};

function differencesBetween(a: readonly ComparedRun[], b: readonly ComparedRun[]): string[] {
  const all = (runs: readonly ComparedRun[], read: (result: Result) => string | number): string =>
    [...new Set(runs.map(({ result }) => String(read(result))))].sort().join(' or ');
  const found = Object.entries(conditions).map(([name, read]) => ({ name, in: [all(a, read), all(b, read)] }));
  const seeds = [a, b].map((runs) => runs.map(({ result }) => result.seed).join(', '));
  const differing = [...found, { name: 'seed', in: seeds }]
    .filter(({ in: [inA, inB] }) => inA !== inB)
    .map(({ name, in: [inA, inB] }) => `${name}: ${inA} in A, ${inB} in B`);
  return [...differing, ...busyness(a, b)];
}

/** A machine that had more to do makes other times: what the generator itself waited for a processor tells. */
function busyness(a: readonly ComparedRun[], b: readonly ComparedRun[]): string[] {
  const [inA, inB] = [a, b].map((runs) =>
    medianOf(runs.map(({ result }) => result.generator.loopDelayP99Ms).sort((x, y) => x - y)),
  ) as [number, number];
  if (Math.abs(inA - inB) < busyDelayMs || Math.max(inA, inB) < 2 * Math.min(inA, inB)) return [];
  return [`busy machine: the generator waited p99 ${formatDuration(inA)} in A, ${formatDuration(inB)} in B`];
}
