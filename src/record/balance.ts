import { AppError } from '../core/errors.js';
import type { Account } from './account.js';

/** The parts of an account that must agree with each other. */
export type Balance = Pick<
  Account,
  'delivery' | 'missingByCause' | 'absentByCause' | 'arrivals' | 'duplicates' | 'unexpectedByReason' | 'reach'
>;

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}

/**
 * The accounting identities. Each side is counted by itself, so a pair or an arrival that fell through shows.
 * Throws AppError `accounting` with the numbers of the first that does not hold.
 * @param known what was counted while facts came in: pairs of all published messages, required pairs between known nodes
 */
export function assertBalanced(account: Balance, known: { pairs: number; reachRequired: number }): void {
  const { delivery: d, arrivals, duplicates, reach } = account;
  const identities: readonly (readonly [string, number, number])[] = [
    ['pairs = attempted', known.pairs, d.attempted],
    ['attempted = once + late + missing + absent', d.attempted, d.once + d.late + d.missing + d.absent],
    ['arrivals = once + late + duplicate + unexpected', arrivals, d.once + d.late + d.duplicate + d.unexpected],
    ['missing = sum by cause', d.missing, sum(Object.values(account.missingByCause))],
    ['absent = sum by cause', d.absent, sum(Object.values(account.absentByCause))],
    ['duplicate = sum by kind', d.duplicate, sum(Object.values(duplicates))],
    ['unexpected = sum by reason', d.unexpected, sum(Object.values(account.unexpectedByReason))],
    ['required pairs between known nodes = reach', known.reachRequired, sum(reach.required.flat())],
    ['unexplained = missing of that cause', d.unexplained, account.missingByCause.unexplained ?? 0],
  ];
  for (const [identity, left, right] of identities) {
    if (left === right) continue;
    throw new AppError('accounting', `${identity} does not hold: ${left} is not ${right}.`, {
      hint: 'This is a defect of cluster-chat, not of your system: report it with the events of the run.',
    });
  }
  const isWithin = reach.arrived.every((row, o) => row.every((count, n) => count <= (reach.required[o]?.[n] ?? 0)));
  if (isWithin && d.requiredMissing <= Math.min(d.missing, d.required)) return;
  throw new AppError('accounting', `More arrived or is missing than was required: ${JSON.stringify({ ...d, reach })}.`);
}
