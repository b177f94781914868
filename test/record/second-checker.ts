import { isDeepStrictEqual } from 'node:util';
import type { Account } from '../../src/record/account.js';
import type { FactBatch, Plan } from '../../src/record/history.js';
import { createLedger } from '../../src/record/ledger.js';
import { judge } from '../../src/scenario/verdict.js';
import { checkNaively, type NaiveAccount, type NaiveEnd } from './naive-checker.js';
import { batchesOf, randomHistory } from './random-history.js';

/** Counts without those that are nought, which one checker names and the other does not. */
export function withoutZeros(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

/** The account of the ledger in the words of the naive checker. */
function inNaiveWords(account: Account): NaiveAccount {
  const { once, late, required, requiredMissing, reordered, recovered } = account.delivery;
  const unexcused = {
    unexcusedMissing: account.unexcused.missing,
    unexcusedDuplicate: account.unexcused.duplicate,
    unexcusedReordered: account.unexcused.reordered,
  };
  const counts = { once, late, required, requiredMissing, reordered, recovered, ...account.duplicates, ...unexcused };
  return {
    counts: withoutZeros(counts),
    missing: withoutZeros(account.missingByCause),
    absent: withoutZeros(account.absentByCause),
    unexpected: withoutZeros(account.unexpectedByReason),
    required: account.reach.required.map((row) => [...row]),
    arrived: account.reach.arrived.map((row) => [...row]),
    faults: account.faults.map(({ missing, droppedClients }) => ({ missing, droppedClients })),
    broken: brokenContracts(account),
  };
}

/** The contracts that an account breaks. */
export function brokenContracts(account: Account): string[] {
  const generator = { loopDelayP99Ms: 0, utilisation: 0, saturated: false, droppedSends: 0 };
  const rest = { account, thresholds: [], faults: [], generator, isDrained: true, cutBecause: undefined };
  const contracts = ['steady', 'at-least-once', 'at-most-once'] as const;
  return contracts.filter((contract) => judge({ contract, ...rest }).verdict === 'fail');
}

/** What the ledger says of a history, and what the naive checker says of it; undefined when it is the same. */
export function disagreementOn(
  plan: Plan,
  batch: FactBatch,
  end: NaiveEnd,
): { readonly ledger: NaiveAccount; readonly naive: NaiveAccount } | undefined {
  const account = createLedger(plan, { deadlineMs: end.deadlineMicros / 1000 });
  account.add(batch);
  const ledger = inNaiveWords(account.settle(end));
  const naive = checkNaively(plan, batch, end);
  return isDeepStrictEqual(ledger, naive) ? undefined : { ledger, naive };
}

/** The same for a random history. */
export function disagreementOnSeed(seed: number): ReturnType<typeof disagreementOn> {
  const { plan, workers, end } = randomHistory(seed);
  const [batch] = batchesOf(workers[0] ?? []);
  if (batch === undefined) throw new Error('a worker without facts');
  return disagreementOn(plan, batch, end);
}
