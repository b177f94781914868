import { nowMs } from '../core/clock.js';
import { type BrokerMessage, BrokerRefusal } from './broker.js';
import type { BrokerLink } from './broker-link.js';
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
  /** Whether it was ever handed to a link: then the broker may have it, whatever it said. */
  wasSent: boolean;
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
      this.#byId.set(message.id, { message, bytes, sinceMs: nowMs(), confirm, refuse, wasSent: false });
      this.#bytes += bytes;
    });
  }

  /** Sends one over a link, unless it was refused. */
  send(id: string, link: Pick<BrokerLink, 'publish'>): void {
    const publish = this.#byId.get(id);
    if (publish === undefined) return;
    publish.wasSent = true;
    link.publish(publish.message);
  }

  /** Sends all over a new link. */
  sendAll(link: Pick<BrokerLink, 'publish'>): void {
    for (const id of this.#byId.keys()) this.send(id, link);
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
      this.#giveUp(id, `The broker did not confirm within ${maxWaitMs} ms.`);
    }
  }

  refuseAll(reason: string): void {
    for (const id of [...this.#byId.keys()]) this.#giveUp(id, reason);
  }

  #giveUp(id: string, reason: string): void {
    const publish = this.#take(id);
    publish?.refuse(new BrokerRefusal(reason, { isUncertain: publish.wasSent }));
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
