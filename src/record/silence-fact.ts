import type { SessionFact, SubscriptionHeard, SubscriptionSilent } from './history.js';

/** Whether a fact is about a subscription that hears nothing. It opens and closes no window. */
export function isSilenceFact(fact: SessionFact): fact is SubscriptionSilent | SubscriptionHeard {
  return fact.type === 'subscription-silent' || fact.type === 'subscription-heard';
}
