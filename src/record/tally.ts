import type { AbsentCause, MissingPair } from './account.js';
import { createReachMatrix, type ReachMatrix } from './reach.js';
import type { Cause } from './result.js';

/** Sums that grow pair by pair while a history is settled. */
export interface Tally {
  pairs: number;
  required: number;
  reachRequired: number;
  once: number;
  late: number;
  requiredMissing: number;
  reordered: number;
  unexcusedMissing: number;
  unexcusedReordered: number;
  unexcusedDuplicate: number;
  readonly duplicates: { sameSession: number; acrossSessions: number; redelivered: number };
  unknownArrivals: number;
  rejectedArrivals: number;
  sent: number;
  acked: number;
  rejected: number;
  indeterminate: number;
  recovered: number;
  readonly missingByCause: Partial<Record<Cause, number>>;
  readonly inferredByCause: Partial<Record<Cause, number>>;
  readonly absentByCause: Record<AbsentCause, number>;
  readonly missingByFault: number[];
  readonly examples: MissingPair[];
  readonly reach: ReachMatrix;
}

/** A tally that goes on from another, which stays as it is and has nothing to tell of faults. */
export function tallyAfter(before: Tally, faultCount: number): Tally {
  return {
    ...before,
    duplicates: { ...before.duplicates },
    missingByCause: { ...before.missingByCause },
    inferredByCause: { ...before.inferredByCause },
    absentByCause: { ...before.absentByCause },
    missingByFault: new Array<number>(faultCount).fill(0),
    examples: [...before.examples],
    reach: before.reach.copy(),
  };
}

/** A tally of nothing. */
export function newTally(nodes: readonly string[], faultCount: number): Tally {
  return {
    pairs: 0,
    required: 0,
    reachRequired: 0,
    once: 0,
    late: 0,
    requiredMissing: 0,
    reordered: 0,
    unexcusedMissing: 0,
    unexcusedReordered: 0,
    unexcusedDuplicate: 0,
    duplicates: { sameSession: 0, acrossSessions: 0, redelivered: 0 },
    unknownArrivals: 0,
    rejectedArrivals: 0,
    sent: 0,
    acked: 0,
    rejected: 0,
    indeterminate: 0,
    recovered: 0,
    missingByCause: {},
    inferredByCause: {},
    absentByCause: { rejected: 0, unacked: 0, 'before-subscription': 0, unsubscribed: 0, 'after-end': 0 },
    missingByFault: new Array<number>(faultCount).fill(0),
    examples: [],
    reach: createReachMatrix(nodes),
  };
}
