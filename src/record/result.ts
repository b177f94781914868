import type { HttpSessionCounts } from './http-sessions.js';
import type { ProcessUsage } from './process-usage.js';
import type { SilenceKind } from './silences.js';

/**
 * `result.json`: what a run leaves behind for programs. A contract: within version 1 fields are only
 * ever added. All times are milliseconds unless the name says otherwise.
 */
export const resultSchema = 'cluster-chat/result@1';

export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** The cause of a delivery that did not arrive; the first whose evidence exists, in this order. */
export const causes = [
  'rejected',
  'unacked',
  'not-subscribed',
  'subscription-race',
  'slow-consumer',
  'origin-died',
  'broker-gap',
  'never-relayed',
  'in-flight',
  'unexplained',
] as const;
export type Cause = (typeof causes)[number];

export interface Quantiles {
  readonly minMs: number | null;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  /** null where fewer than 10 samples lie beyond the quantile. */
  readonly p999Ms: number | null;
  readonly maxMs: number | null;
  readonly count: number;
}

export interface Delivery {
  /** Pairs (message, subscriber): once + late + missing + absent. */
  readonly attempted: number;
  readonly required: number;
  readonly once: number;
  readonly late: number;
  readonly missing: number;
  readonly absent: number;
  readonly duplicate: number;
  readonly reordered: number;
  readonly recovered: number;
  readonly unexpected: number;
  readonly unexplained: number;
  /** Messages handed to a socket, and the outcomes of all that were due. */
  readonly sent: number;
  readonly acked: number;
  readonly rejected: number;
  readonly indeterminate: number;
  /** Of `missing`: those the contract required; the rest a user felt but no one promised. */
  readonly requiredMissing: number;
}

export interface ReconnectTimes {
  readonly count: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly maxMs: number | null;
}

export interface Reach {
  readonly nodes: readonly string[];
  /** [origin node][receiving node] */
  readonly required: readonly (readonly number[])[];
  readonly arrived: readonly (readonly number[])[];
}

export interface FaultReport {
  readonly type: string;
  readonly node: string;
  /** Since the start of the load. */
  readonly atMs: number;
  /** Whether the fault was seen to have happened (a kill: process gone and port closed). */
  readonly observed: boolean;
  /** From the fault until it was seen to have happened; null when it was not. */
  readonly observedMs?: number | null;
  readonly droppedClients: number;
  /** From the fault to the first client that noticed. */
  readonly noticedMs: number | null;
  /** From the fault until every dropped client was connected again; null when not all came back. */
  readonly connectedMs?: number | null;
  /** From the fault until every dropped client was subscribed and confirmed again; null when not all came back. */
  readonly recoveredMs: number | null;
  /** From the fault until the first message that a dropped client received in a later session. */
  readonly firstMessageMs?: number | null;
  /** For a start: until the node was ready. */
  readonly readyMs: number | null;
  readonly missing: number;
  /**
   * Most sessions that were opened at one node within one second, until the next fault: what came down on the survivors.
   * Absent in results of versions that knew none.
   */
  readonly peakConnectsPerSecond?: number;
}

export interface ThresholdReport {
  readonly metric: string;
  readonly expression: string;
  /** In the unit of the metric: milliseconds for times, a count, or a rate. null when there was nothing to measure. */
  readonly actual: number | null;
  readonly ok: boolean;
  /** true when it could not be judged; `ok` is then false and does not make the verdict fail. */
  readonly inconclusive: boolean;
  readonly line: number | null;
  /** true for the one that ended the load early. Absent for others, and in results of versions that did not say so. */
  readonly endedLoad?: boolean;
}

export interface MissingExample {
  readonly cause: Cause;
  /** true when the cause was inferred from what clients saw; false when a node's journal or the client's own log proves it. */
  readonly inferred?: boolean;
  readonly publisher: string;
  readonly subscriber: string;
  readonly destination: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly atMs: number;
}

/** One reconnection that left a gap: messages missed while away and for how long the client was away. */
export interface GapReport {
  readonly client: string;
  readonly node: string;
  readonly outageMs: number;
  readonly messages: number;
}

/** A subscription that heard nothing although its connection lived, found by canaries. */
export interface SilenceReport {
  readonly client: string;
  readonly node: string;
  readonly destination: string;
  readonly kind: SilenceKind;
  /** Since the start of the load. */
  readonly sinceMs: number;
  /** When it heard something again or lost its session; null when that did not come before the end. */
  readonly untilMs: number | null;
}

export interface Generator {
  readonly loopDelayP99Ms: number;
  /** Event-loop utilisation of the busiest worker over the busiest 5 s, 0 to 1. */
  readonly utilisation: number;
  readonly saturated: boolean;
  /** Sends that fell due and were given up by the generator, not by the system under test. */
  readonly droppedSends: number;
}

/** What the clocks of the workers leave open. */
export interface ClockReport {
  /** The most that times of two workers may be wrong against each other; 0 when all share one clock. */
  readonly doubtMs: number;
  /** First arrivals without a latency, because publisher and subscriber were seen by different clocks. */
  readonly unmeasured: number;
}

export interface Manifest {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
  readonly cpus: number;
  readonly startedAt: string;
  readonly scenario: string;
  readonly command: string;
  readonly brokerKind: string;
  readonly balancerKind: string;
  readonly nodes: number;
  readonly clients: number;
  readonly workers: number;
  readonly engine: string;
  readonly durationMs: number;
}

export interface Result {
  readonly schema: typeof resultSchema;
  readonly name: string;
  readonly verdict: Verdict;
  /** Why the verdict is not a plain pass; the most important first. */
  readonly reasons: readonly string[];
  /** true when the run was ended early. */
  readonly partial: boolean;
  readonly seed: number;
  readonly contract: string;
  readonly delivery: Delivery;
  readonly missingByCause: Readonly<Partial<Record<Cause, number>>>;
  /** Of `missingByCause`: inferred from what clients saw, without proof by a node's journal. */
  readonly inferredByCause?: Readonly<Partial<Record<Cause, number>>>;
  /** Why `absent` pairs rightly did not arrive. */
  readonly absentByCause: Readonly<Record<string, number>>;
  readonly missingExamples: readonly MissingExample[];
  readonly gaps: readonly GapReport[];
  readonly latency: { readonly response: Quantiles; readonly service: Quantiles; readonly slip: Quantiles };
  readonly reconnect: ReconnectTimes;
  /** Oldest first, 1,000 at most. Absent in results of versions that knew none. */
  readonly silences?: readonly SilenceReport[];
  /** Why the unexpected arrivals must not be. Absent in results of versions that did not say. */
  readonly unexpectedByReason?: Readonly<Record<string, number>>;
  /** Absent in results of versions that knew none. */
  readonly httpSessions?: HttpSessionCounts;
  readonly reach: Reach;
  readonly faults: readonly FaultReport[];
  readonly generator: Generator;
  /** Present only when some worker's clock was not the runner's. */
  readonly clock?: ClockReport;
  readonly thresholds: readonly ThresholdReport[];
  /**
   * Every metric that a threshold may name, in milliseconds, as a count or as a share: `delivery.latency p(99)`. null
   * where there was too little to measure. Absent in results of versions that knew none.
   */
  readonly figures?: Readonly<Record<string, number | null>>;
  /** Memory and descriptors of every process during the load. Absent in results of versions that knew none. */
  readonly processes?: readonly ProcessUsage[];
  readonly manifest: Manifest;
}

/** How the first reason of a result begins that lacks evidence. */
export const evidenceWasCut = 'evidence was cut';

/** Whether part of the evidence is missing, so that not even what was counted is certain. */
export function isEvidenceCut({ verdict, reasons }: Result): boolean {
  return verdict === 'inconclusive' && reasons[0]?.startsWith(evidenceWasCut) === true;
}
