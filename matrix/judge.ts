import type { Guarantees } from '../src/broker/broker.js';
import type { Cause, Result } from '../src/record/result.js';

/** What of a column the judge must know. */
export interface MatrixFault {
  /** Whether it cannot happen without taking connections of clients with it. */
  readonly dropsClients: boolean;
  /** Whether the link to the broker is cut. */
  readonly isCut?: boolean;
}

/** What of a run a cell must know. */
export interface MatrixRun {
  readonly seed: number;
  readonly problems: readonly string[];
  readonly missingByCause: Result['missingByCause'];
}

/** What a user misses while away, and at the edges of it: nobody can make up for it without history. */
const awayCauses = ['not-subscribed', 'subscription-race', 'in-flight'] as const;

/** The causes of missing deliveries that a broker's declared guarantees leave open under a fault. */
export function allowedCauses(guarantees: Guarantees, fault: MatrixFault): ReadonlySet<Cause> {
  const allowed = new Set<Cause>();
  if (guarantees.history === 'none') {
    for (const cause of awayCauses) allowed.add(cause);
    // What the other nodes said while a node had no link to the broker cannot be asked for, but can have been kept.
    if (fault.isCut === true && guarantees.whileAway !== 'kept') allowed.add('broker-gap');
  }
  if (guarantees.reach === 'node') allowed.add('broker-gap');
  if (guarantees.delivery === 'at-most-once') allowed.add('origin-died');
  return allowed;
}

function counts(missingByCause: Result['missingByCause']): [cause: Cause, count: number][] {
  return (Object.entries(missingByCause) as [Cause, number][]).filter(([, count]) => count > 0);
}

/** Judges one run. @returns the problems, none of which a guarantee excuses, as words for the table */
export function problemsOf(result: Result, guarantees: Guarantees, fault: MatrixFault): string[] {
  const { delivery, missingByCause } = result;
  const allowed = allowedCauses(guarantees, fault);
  const forbidden = counts(missingByCause).filter(([cause]) => !allowed.has(cause));
  const problems = forbidden.map(([cause, count]) => `${count} ${cause}`);
  if (delivery.unexpected > 0) problems.push(`${delivery.unexpected} unexpected`);
  if (guarantees.order === 'per-publisher' && delivery.reordered > 0) problems.push(`${delivery.reordered} reordered`);
  if (delivery.required === 0) problems.push('nothing was required');
  return [...problems, ...balanceProblems(result), ...faultProblems(result, fault), ...doubtsOf(result, guarantees)];
}

/** The account's identity, checked once more by somebody else. */
function balanceProblems({ delivery, missingByCause }: Result): string[] {
  const { attempted, once, late, missing, absent } = delivery;
  const explained = counts(missingByCause).reduce((sum, [, count]) => sum + count, 0);
  const problems: string[] = [];
  if (once + late + missing + absent !== attempted) problems.push('the account does not balance');
  if (explained !== missing) problems.push(`${missing} missing, but ${explained} with a cause`);
  return problems;
}

function faultProblems({ faults }: Result, fault: MatrixFault): string[] {
  const problems = faults.filter(({ observed }) => !observed).map(({ type, node }) => `${type} ${node} was not seen`);
  if (faults.length === 0) problems.push('no fault happened');
  const dropped = faults.reduce((sum, { droppedClients }) => sum + droppedClients, 0);
  if (fault.dropsClients && dropped === 0) problems.push('the fault dropped nobody');
  return problems;
}

/** Why the run itself is unsure. Where a node reaches only its own, the last fences of the others never come. */
function doubtsOf({ verdict, reasons }: Result, guarantees: Guarantees): string[] {
  if (verdict === 'pass') return [];
  return reasons.filter((reason) => guarantees.reach === 'cluster' || !reason.startsWith('the drain did not end'));
}

/** What a cell of the table says of all its runs: `pass`, the gap with its causes, or what is wrong. */
export function cellText(runs: readonly MatrixRun[]): string {
  const problems = runs.flatMap((run) => run.problems.map((problem) => `${problem} (seed ${run.seed})`));
  if (problems.length > 0) return `FAIL ${problems.join(', ')}`;
  const sums = new Map<Cause, number>();
  for (const [cause, count] of runs.flatMap((run) => counts(run.missingByCause))) {
    sums.set(cause, (sums.get(cause) ?? 0) + count);
  }
  const parts = [...sums].sort((a, b) => b[1] - a[1]).map(([cause, count]) => `${count} ${cause}`);
  return parts.length === 0 ? 'pass' : `gap ${parts.join(', ')}`;
}
