import { sleep } from '../core/clock.js';
import { inBatches } from './in-batches.js';
import type { Session } from './session.js';
import type { Subscription } from './subscription.js';

/** A broker that lost everything says so of one destination after the other; a client wants one list. */
const gatherMs = 20;
/** So many may come back in the same moment. */
const smallestBatch = 50;
/** Of our own range, so that a client knows it from all other ends. */
const gapCloseCode = 4501;

/**
 * Tells clients that messages which they count on were lost between broker and node. Centrifugo calls it
 * "insufficient state": the session ends, the client comes back and subscribes with the last position that
 * it saw, and its RECEIPT says `recovered:false`. So that this position stays the one before the gap, what
 * comes between the gap and the end of the session carries none.
 */
export class GapNotices {
  /** What each session has lost, as its client named it. */
  readonly #lost = new Map<Session, string[]>();
  #isTelling = false;

  /** Ends the session of a subscription that has lost messages, with an ERROR and within about a second. */
  add(subscription: Subscription): void {
    const { session, shownDestination } = subscription;
    subscription.hasGap = true;
    const destinations = this.#lost.get(session);
    if (destinations === undefined) this.#lost.set(session, [shownDestination]);
    else destinations.push(shownDestination);
    if (!this.#isTelling) void this.#tell();
  }

  async #tell(): Promise<void> {
    this.#isTelling = true;
    while (this.#lost.size > 0) {
      await sleep(gatherMs);
      await inBatches([...this.#lost.keys()], smallestBatch, (session) => this.#tellOne(session));
    }
    this.#isTelling = false;
  }

  #tellOne(session: Session): void {
    const destinations = this.#lost.get(session) ?? [];
    this.#lost.delete(session);
    const names = destinations.length === 1 ? 'one subscription' : `${destinations.length} subscriptions`;
    session.fail({
      message: `The broker lost messages of ${names}.`,
      detail: `Subscribe again, with the last position that you saw, and get anew what cannot be recovered:\n${destinations.join('\n')}\n`,
      closeCode: gapCloseCode,
      countedAs: 'nothing',
    });
  }
}
