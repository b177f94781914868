import { nowMs } from '../core/clock.js';
import { type BrokerMessage, BrokerRefusal } from './broker.js';
import { messageBytes } from './message-size.js';

export interface OutstandingLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

export const defaultOutstandingLimits: OutstandingLimits = {
  maxMessages: 20_000,
  maxBytes: 32 * 1_048_576,
};

export interface OutstandingPublish {
  readonly message: Omit<BrokerMessage, 'position'>;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly confirm: () => void;
  readonly refuse: (error: BrokerRefusal) => void;
}

/**
 * Publishes that the broker has not confirmed, in the order they came. They survive the connection
 * and are sent again over the next one. Bounded in number, bytes and time; what does not fit is
 * refused, never dropped in silence.
 */
export class Outstanding {
  readonly #limits: OutstandingLimits;
  readonly #byId = new Map<string, OutstandingPublish>();
  #bytes = 0;

  constructor(limits: OutstandingLimits = defaultOutstandingLimits) {
    this.#limits = limits;
  }

  /** @returns the promise that the publisher of the message waits for */
  add(message: Omit<BrokerMessage, 'position'>): Promise<void> {
    const { maxMessages, maxBytes } = this.#limits;
    const bytes = messageBytes(message);
    if (this.#byId.size >= maxMessages || this.#bytes + bytes > maxBytes) {
      return Promise.reject(
        new BrokerRefusal('The broker does not keep up: too many unconfirmed messages on this node.'),
      );
    }
    return new Promise((confirm, refuse) => {
      this.#byId.set(message.id, { message, bytes, sinceMs: nowMs(), confirm, refuse });
      this.#bytes += bytes;
    });
  }

  /** Whether the message was taken and is not settled yet. */
  has(id: string): boolean {
    return this.#byId.has(id);
  }

  confirm(id: string): void {
    this.#take(id)?.confirm();
  }

  /** The broker will not have it: sending it again would only fail again. */
  refuse(id: string, reason: string): void {
    this.#take(id)?.refuse(new BrokerRefusal(reason));
  }

  /** Refuses everything that has waited for longer than the limit; a Map yields the oldest first. */
  refuseExpired(maxWaitMs: number): void {
    const oldestMs = nowMs() - maxWaitMs;
    for (const [id, publish] of this.#byId) {
      if (publish.sinceMs > oldestMs) return;
      this.#take(id)?.refuse(new BrokerRefusal(`The broker did not confirm within ${maxWaitMs} ms.`));
    }
  }

  refuseAll(reason: string): void {
    for (const id of [...this.#byId.keys()]) this.#take(id)?.refuse(new BrokerRefusal(reason));
  }

  messages(): Iterable<OutstandingPublish> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  #take(id: string): OutstandingPublish | undefined {
    const publish = this.#byId.get(id);
    if (publish === undefined) return undefined;
    this.#byId.delete(id);
    this.#bytes -= publish.bytes;
    return publish;
  }
}
