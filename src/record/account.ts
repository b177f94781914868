import type { HttpSessionCounts } from './http-sessions.js';
import type { UnexpectedReason } from './intake.js';
import type { Distribution } from './latency.js';
import type { Cause, ClockReport, Delivery, Reach, ReconnectTimes, Result } from './result.js';
import type { Silences } from './silences.js';

/** Why a pair rightly did not arrive. */
export type AbsentCause = 'rejected' | 'unacked' | 'before-subscription' | 'unsubscribed' | 'after-end';

/** A fault as the ledger needs it. */
export interface FaultFact {
  /** Index in the plan's nodes; -1 when it concerns no node. */
  readonly node: number;
  readonly atMicros: number;
  /** Whether the node's process ended then: only such a node can take accepted messages with it. */
  readonly killed: boolean;
  /** When the process was seen to be gone, later than the order to kill it; without it at that very moment. */
  readonly goneAtMicros?: number;
  /** Until when losses are counted to this fault; without it until the next fault, or the end. */
  readonly untilMicros?: number;
}

/** What the history says about one fault, in the order in which the faults were given. */
export interface FaultAccount {
  /** Clients that lost a session on the node within the fault's window. */
  readonly droppedClients: number;
  readonly noticedMs: number | null;
  /** Until every dropped client had a session again; null like `recoveredMs`. */
  readonly connectedMs: number | null;
  /** null when nobody was dropped, or not everybody came back. */
  readonly recoveredMs: number | null;
  /** Until a dropped client received a message again; null when nobody was dropped, or none did. */
  readonly firstMessageMs: number | null;
  /** Most sessions that were opened at one node within one second of the fault's window. */
  readonly peakConnectsPerSecond: number;
  /** Committed pairs that are missing and whose message was under way within the fault's window. */
  readonly missing: number;
}

/** One missing pair, by indices of the plan. */
export interface MissingPair {
  readonly cause: Cause;
  /** Whether clients only could be asked for the cause, no node's journal. */
  readonly inferred: boolean;
  readonly required: boolean;
  readonly publisher: number;
  readonly subscriber: number;
  readonly destination: number;
  readonly epoch: number;
  readonly sequence: number;
  /** When the message was written. */
  readonly atMicros: number;
}

/** One lost session whose subscriber missed something. */
export interface Gap {
  readonly client: number;
  readonly node: number;
  /** From the loss seen until everything was confirmed again, or until the end of the history. */
  readonly outageMs: number;
  readonly messages: number;
}

/** The whole account of a history. Nothing in it changes any more. */
export interface Account {
  readonly delivery: Delivery;
  readonly missingByCause: Readonly<Partial<Record<Cause, number>>>;
  /** Of `missingByCause`: what no node's journal proves. */
  readonly inferredByCause: Readonly<Partial<Record<Cause, number>>>;
  readonly absentByCause: Readonly<Record<AbsentCause, number>>;
  /** Every arrival at a client, unexpected ones included: once + late + duplicate + unexpected. */
  readonly arrivals: number;
  readonly duplicates: {
    readonly sameSession: number;
    readonly acrossSessions: number;
    readonly redelivered: number;
  };
  readonly unexpectedByReason: Readonly<Record<UnexpectedReason, number>>;
  /**
   * What the contract does not excuse: of `missing` by the time of the message, of `duplicate` and `reordered` by the
   * time of the arrival.
   */
  readonly unexcused: { readonly missing: number; readonly duplicate: number; readonly reordered: number };
  /** At most 20 of each cause (100 unexplained); unexplained first, then required ones. */
  readonly missingExamples: readonly MissingPair[];
  /** The 1,000 with the most messages. */
  readonly gaps: readonly Gap[];
  readonly distributions: {
    readonly response: Distribution;
    readonly service: Distribution;
    readonly slip: Distribution;
  };
  readonly latency: Result['latency'];
  /** Negative or impossible latencies that were refused; more than none means that a clock is wrong. */
  readonly refusedLatencies: number;
  readonly clock: ClockReport;
  /** From each loss seen to everything confirmed again, ascending; without those that never came back. */
  readonly reconnectsMs: readonly number[];
  readonly reconnect: ReconnectTimes;
  /** Sessions lost that were not replaced by the end. */
  readonly neverBack: number;
  readonly httpSessions: HttpSessionCounts;
  /** Subscriptions that heard nothing although their connection lived. */
  readonly silences: Silences;
  /** Planned, of all clients. */
  readonly subscriptions: number;
  readonly reach: Reach;
  readonly faults: readonly FaultAccount[];
  /** Planned subscriptions that were never confirmed: the run cannot be judged for them. */
  readonly unconfirmed: readonly { readonly client: number; readonly destination: number }[];
  /** Connected: to the end, or until their own goodbye. Lost: some session ended against the client's will. */
  readonly clients: { readonly connected: number; readonly lost: number; readonly total: number };
}
