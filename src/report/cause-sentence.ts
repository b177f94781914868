import { type Cause, causes } from '../record/result.js';

/** Each cause of a missing delivery in one sentence that a newcomer understands [ledger, causes]. */
const sentences: Readonly<Record<Cause, string>> = {
  rejected: 'the server answered ERROR, or the frame never left the publisher',
  unacked: 'no receipt came and nobody ever saw it',
  'not-subscribed': 'sent while the subscriber was away; nothing replayed them',
  'subscription-race': 'sent between SUBSCRIBE and its confirmation',
  'slow-consumer': 'the server dropped a subscriber that read too slowly',
  'origin-died': 'its node accepted it and died before passing it on',
  'broker-gap': 'it never reached the node of the subscriber',
  'never-relayed': 'a node had the message and did not pass it on, though it lived',
  'in-flight': 'on its way to a connection that was just dying',
  unexplained: 'no evidence tells why; a defect until proven otherwise',
};

/** One cause of missing deliveries with how many it took. */
export interface CauseCount {
  readonly cause: Cause;
  readonly count: number;
  readonly sentence: string;
}

/** The causes that took anything: unexplained first, because it must never be overlooked, then by size. */
export function countedCauses(missingByCause: Readonly<Partial<Record<Cause, number>>>): CauseCount[] {
  return causes
    .map((cause) => ({ cause, count: missingByCause[cause] ?? 0, sentence: sentences[cause] }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => Number(b.cause === 'unexplained') - Number(a.cause === 'unexplained') || b.count - a.count);
}
