import { unreachable } from '../core/errors.js';
import { formatCount } from '../core/quantity.js';
import type { Account } from '../record/account.js';
import {
  evidenceWasCut,
  type FaultReport,
  type Generator,
  type ThresholdReport,
  type Verdict,
} from '../record/result.js';
import type { Contract } from './scenario.js';

/** Everything that a verdict is made of. */
export interface Evidence {
  readonly contract: Contract;
  readonly account: Account;
  readonly thresholds: readonly ThresholdReport[];
  readonly faults: readonly FaultReport[];
  readonly generator: Generator;
  /** Whether every subscriber got the last fence of every publisher. */
  readonly isDrained: boolean;
  /** Why part of the evidence is missing, if so. */
  readonly cutBecause: string | undefined;
}

function plural(count: number, noun: string): string {
  const many = noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
  return `${formatCount(count)} ${count === 1 ? noun : many}`;
}

/** Causes that no fault excuses: in both the system itself lost a message that it had. */
const inexcusable = ['never-relayed', 'unexplained'] as const;

/** What the contract forbids and yet happened, as sentences. */
function breaches({ contract, account }: Evidence): string[] {
  if (contract === 'custom') return [];
  const { delivery, unexcused } = account;
  const found: string[] = [];
  const add = (count: number, noun: string, what: string) => {
    if (count > 0) found.push(`contract ${contract}: ${plural(count, noun)} ${what}`);
  };
  add(delivery.requiredMissing, 'required delivery', 'missing');
  add(delivery.unexpected, 'arrival', 'that must not be');
  switch (contract) {
    case 'at-least-once':
      break;
    case 'at-most-once':
      add(unexcused.missing - delivery.requiredMissing, 'message', 'missed outside of any fault');
      for (const cause of inexcusable)
        add(account.missingByCause[cause] ?? 0, 'delivery', `${cause}, which no fault excuses`);
      add(delivery.duplicate, 'duplicate', 'although at most one may arrive');
      break;
    case 'steady':
      add(unexcused.missing - delivery.requiredMissing, 'message', 'missed outside of any fault');
      add(unexcused.duplicate, 'duplicate', 'outside of any fault');
      add(unexcused.reordered, 'message', 'out of order outside of any fault');
      break;
    default:
      unreachable(contract);
  }
  return found;
}

/** Why the run cannot be judged, the gravest first, as sentences. */
function doubts({ account, faults, generator, isDrained, thresholds }: Evidence): string[] {
  const found: string[] = [];
  for (const fault of faults) {
    if (!fault.observed) found.push(`the fault "${fault.type} ${fault.node}" was not seen to have happened`);
  }
  if (account.delivery.required === 0) found.push('nothing was required: no delivery could have been missed');
  if (account.unconfirmed.length > 0)
    found.push(`${plural(account.unconfirmed.length, 'subscription')} never confirmed`);
  if (!isDrained) found.push('the drain did not end: not every subscriber got every last fence');
  if (generator.droppedSends > 0) found.push(`the generator gave up ${plural(generator.droppedSends, 'send')}`);
  const cameRight = thresholds.filter((threshold) => threshold.endedLoad && threshold.inconclusive);
  for (const { metric, expression } of cameRight) {
    found.push(`the load was ended early by the threshold ${metric} ${expression}, which holds after all`);
  }
  const unjudged = thresholds.filter((threshold) => threshold.inconclusive && !threshold.endedLoad);
  if (unjudged.length > 0) {
    const why = generator.saturated ? 'the generator was saturated' : 'too few samples';
    found.push(`${plural(unjudged.length, 'threshold')} cannot be judged: ${why}`);
  }
  return found;
}

/**
 * Fail beats inconclusive beats pass. The reasons are sentences without a full stop, the deciding ones first.
 *
 * Where evidence was cut there is neither: what was seen to go wrong until then may have come right afterwards, and
 * what is missing may only be missing from the record.
 */
export function judge(evidence: Evidence): { readonly verdict: Verdict; readonly reasons: readonly string[] } {
  const failed = evidence.thresholds.filter((threshold) => !threshold.ok && !threshold.inconclusive);
  const failures = breaches(evidence);
  failures.push(...failed.map(({ metric, expression }) => `threshold ${metric} ${expression}`));
  if (evidence.cutBecause !== undefined) {
    const soFar = failures.map((failure) => `until then: ${failure}`);
    return { verdict: 'inconclusive', reasons: [`${evidenceWasCut}: ${evidence.cutBecause}`, ...soFar] };
  }
  const unsure = doubts(evidence);
  if (failures.length > 0) return { verdict: 'fail', reasons: [...failures, ...unsure] };
  if (unsure.length > 0) return { verdict: 'inconclusive', reasons: unsure };
  return { verdict: 'pass', reasons: [] };
}
