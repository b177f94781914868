import { formatDuration } from '../core/quantity.js';
import type { FactBatch, SubscriptionHeard, SubscriptionSilent } from '../record/history.js';
import { isSilenceFact } from '../record/silence-fact.js';
import { clientName } from './run-result.js';
import type { RunView } from './run-view.js';
import type { Scenario } from './scenario.js';

/** Silences of one batch that are told one by one; of more only the number. */
const maxTold = 5;

/**
 * Tells those who watch a run which subscriptions hear nothing, as soon as it is known.
 * @param nodeOf the name of the node of a client's session
 */
export function saySilences(
  facts: FactBatch,
  around: { readonly scenario: Scenario; readonly destinations: readonly string[]; readonly view: RunView },
  nodeOf: (client: number, session: number) => string | undefined,
): void {
  const { scenario, destinations, view } = around;
  const about = facts.sessions.filter(isSilenceFact);
  for (const fact of about.slice(0, maxTold)) {
    const node = nodeOf(fact.client, fact.session);
    const who = `${clientName(scenario, fact.client)}${node === undefined ? '' : ` on ${node}`}`;
    const where = destinations[fact.destination] ?? '';
    if (fact.type === 'subscription-heard') view.say(heardAgain(fact, who, where));
    else view.say(hearsNothing(fact, who, where, view), 'warning');
  }
  const more = about.slice(maxTold).filter(({ type }) => type === 'subscription-silent').length;
  if (more > 0) view.say(`${more} more subscriptions hear nothing though their connections are alive`, 'warning');
}

function hearsNothing({ sinceMicros }: SubscriptionSilent, who: string, where: string, view: RunView): string {
  return `${who} hears nothing on ${where} since ${formatDuration(view.atMs(sinceMicros))} though its connection is alive`;
}

function heardAgain({ delayed }: SubscriptionHeard, who: string, where: string): string {
  return `${who} hears ${where} again${delayed ? ', late' : ''}`;
}
