import { nowMs } from '../core/clock.js';
import { BrokerRefusal, type QueueConsumer } from './broker.js';
import type { BrokerLink } from './broker-link.js';

interface LinkedConsumer {
  readonly consumer: QueueConsumer;
  readonly sinceMs: number;
  readonly confirm: () => void;
  readonly refuse: (error: BrokerRefusal) => void;
  /** Whether whoever waits for it knows how it went. */
  isAnswered: boolean;
  /** The link over which it was asked for last. */
  link: BrokerLink | undefined;
}

/**
 * The consumers of a node's sessions on a broker whose link can be lost. They outlive the link and are
 * asked for again over the next one; what they had not settled the server gives out again.
 */
export class LinkedConsumers {
  readonly #entries = new Map<QueueConsumer, LinkedConsumer>();

  /** Resolves when the consumer takes part for the first time. @param link the present one, if there is one */
  add(consumer: QueueConsumer, link: BrokerLink | undefined): Promise<void> {
    return new Promise((confirm, refuse) => {
      const entry = { consumer, sinceMs: nowMs(), confirm, refuse, isAnswered: false, link: undefined };
      this.#entries.set(consumer, entry);
      if (link !== undefined) void this.#takeUp(link, entry);
    });
  }

  /** @returns whether it was there */
  remove(consumer: QueueConsumer): boolean {
    this.#entries.get(consumer)?.confirm();
    return this.#entries.delete(consumer);
  }

  /** Asks for every consumer over a new link, one after the other: what they are brought at once stays bounded. */
  async takeUpAll(link: BrokerLink): Promise<void> {
    for (const entry of [...this.#entries.values()]) {
      if (this.#entries.has(entry.consumer)) await this.#takeUp(link, entry);
    }
  }

  refuseExpired(maxWaitMs: number): void {
    const oldestMs = nowMs() - maxWaitMs;
    for (const entry of this.#entries.values()) {
      if (!entry.isAnswered && entry.sinceMs < oldestMs) answer(entry, 'The broker is away.');
    }
  }

  refuseAll(reason: string): void {
    for (const entry of this.#entries.values()) answer(entry, reason);
    this.#entries.clear();
  }

  async #takeUp(link: BrokerLink, entry: LinkedConsumer): Promise<void> {
    // One that came while the link was taken up has been asked for already.
    if (entry.link === link) return;
    entry.link = link;
    try {
      await link.consume?.(entry.consumer);
    } catch (error) {
      // Anything else is the end of the link: the next one asks again.
      if (!(error instanceof BrokerRefusal) || this.#entries.get(entry.consumer) !== entry) return;
      this.#entries.delete(entry.consumer);
      if (entry.isAnswered) return entry.consumer.refused(error.message);
      return answer(entry, error.message);
    }
    answer(entry, undefined);
  }
}

/** The first answer counts; a promise takes no other. */
function answer(entry: LinkedConsumer, refusal: string | undefined): void {
  entry.isAnswered = true;
  if (refusal === undefined) entry.confirm();
  else entry.refuse(new BrokerRefusal(refusal));
}
