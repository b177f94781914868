import { nowMs } from '../core/clock.js';
import { deferred } from '../core/deferred.js';
import { BrokerRefusal, type QueueConsumer } from './broker.js';
import type { BrokerLink } from './broker-link.js';

/** How long a new consumer may wait for the broker before it is refused. */
const maxWaitMs = 10_000;

interface Entry {
  readonly sinceMs: number;
  readonly confirm: () => void;
  readonly refuse: (error: BrokerRefusal) => void;
  /** Whether whoever asked has the answer. */
  isAnswered: boolean;
}

/** The consumers of a node's sessions. They outlive the link and take up their parts again over the next. */
export class LinkedConsumers {
  readonly #entries = new Map<QueueConsumer, Entry>();

  /**
   * Resolves when the consumer takes part, or is removed first.
   * @param link over which to ask at once, where there is one
   */
  add(consumer: QueueConsumer, link: BrokerLink | undefined): Promise<void> {
    const { promise, resolve, reject } = deferred<void>();
    const entry = { sinceMs: nowMs(), confirm: resolve, refuse: reject, isAnswered: false };
    this.#entries.set(consumer, entry);
    if (link !== undefined) void this.#ask(link, consumer, entry);
    return promise;
  }

  /** @returns whether it was there */
  remove(consumer: QueueConsumer): boolean {
    this.#entries.get(consumer)?.confirm();
    return this.#entries.delete(consumer);
  }

  askAll(link: BrokerLink): void {
    for (const [consumer, entry] of this.#entries) void this.#ask(link, consumer, entry);
  }

  refuseExpired(): void {
    const oldestMs = nowMs() - maxWaitMs;
    for (const entry of this.#entries.values()) {
      if (entry.isAnswered || entry.sinceMs >= oldestMs) continue;
      entry.isAnswered = true;
      entry.refuse(new BrokerRefusal('The broker is away.'));
    }
  }

  refuseAll(reason: string): void {
    for (const entry of this.#entries.values()) entry.refuse(new BrokerRefusal(reason));
  }

  async #ask(link: BrokerLink, consumer: QueueConsumer, entry: Entry): Promise<void> {
    try {
      await link.consume?.(consumer);
      entry.confirm();
    } catch (error) {
      // A lost link says nothing; the next is asked again.
      if (!(error instanceof BrokerRefusal)) return;
      if (entry.isAnswered) consumer.refused(error.message);
      else entry.refuse(error);
    }
    entry.isAnswered = true;
  }
}
