import { type BrokerMessage, BrokerRefusal, type QueueConsumer } from './broker.js';
import { messageBytes } from './message-size.js';
import { Queue } from './queue.js';
import { RecentIds } from './recent-ids.js';

export interface QueueLimits {
  /** Unsettled messages of one queue, delivered ones included. */
  readonly maxMessagesPerQueue: number;
  readonly maxBytesPerQueue: number;
  /** Bytes of all queues. */
  readonly maxBytes: number;
  readonly maxQueues: number;
}

/** What a broker of ours keeps, wherever it keeps it. */
export const defaultQueueLimits: QueueLimits = {
  maxMessagesPerQueue: 10_000,
  maxBytesPerQueue: 16 * 1_048_576,
  maxBytes: 128 * 1_048_576,
  maxQueues: 1_000,
};

/** Ids of refused messages that are remembered; about how many a few nodes can have unanswered at once. */
const maxRefusedIds = 65_536;

/**
 * The queues of one broker's memory. A queue begins with its first message or consumer and ends when it
 * has neither. Nothing is ever dropped to make room: beyond a bound the sender is refused.
 */
export class Queues {
  readonly #limits: QueueLimits;
  readonly #byDestination = new Map<string, Queue>();
  readonly #refusedIds = new RecentIds(maxRefusedIds);
  #bytes = 0;

  constructor(limits: QueueLimits = defaultQueueLimits) {
    this.#limits = limits;
  }

  /**
   * Takes a message. The body may alias a socket's chunk: it is copied.
   * @throws BrokerRefusal when there is no room
   */
  push(message: Omit<BrokerMessage, 'position'>): void {
    const bytes = messageBytes(message);
    const reason = this.#refusalOf(message.destination, bytes);
    if (reason !== undefined) {
      this.#refusedIds.add(message.id);
      throw new BrokerRefusal(reason);
    }
    this.#bytes += bytes;
    const queue = this.#queueOf(message.destination);
    queue.push({ ...message, body: Buffer.from(message.body), position: undefined }, bytes);
  }

  /**
   * A message that came before: a sender that lost the refusal must not be told that it was taken.
   * @throws BrokerRefusal when it was refused
   */
  checkRepeated(id: string): void {
    if (this.#refusedIds.has(id)) throw new BrokerRefusal('The queue had no room.');
  }

  join(consumer: QueueConsumer): void {
    if (!this.#byDestination.has(consumer.destination) && this.#byDestination.size >= this.#limits.maxQueues) {
      throw new BrokerRefusal(`The broker has ${this.#limits.maxQueues} queues already.`);
    }
    this.#queueOf(consumer.destination).join(consumer);
  }

  leave(consumer: QueueConsumer): void {
    const queue = this.#byDestination.get(consumer.destination);
    queue?.leave(consumer);
    if (queue !== undefined) this.#forgetUnused(consumer.destination, queue);
  }

  get size(): number {
    return this.#byDestination.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  #refusalOf(destination: string, bytes: number): string | undefined {
    const { maxMessagesPerQueue, maxBytesPerQueue, maxBytes, maxQueues } = this.#limits;
    if (this.#bytes + bytes > maxBytes) return `The queues are full: ${maxBytes} bytes.`;
    const queue = this.#byDestination.get(destination);
    if (queue === undefined && this.#byDestination.size >= maxQueues) {
      return `The broker has ${maxQueues} queues already.`;
    }
    if (queue !== undefined && queue.size >= maxMessagesPerQueue) {
      return `The queue is full: ${maxMessagesPerQueue} messages.`;
    }
    return (queue?.bytes ?? 0) + bytes > maxBytesPerQueue ? `The queue is full: ${maxBytesPerQueue} bytes.` : undefined;
  }

  #queueOf(destination: string): Queue {
    let queue = this.#byDestination.get(destination);
    if (queue === undefined) {
      const created = new Queue((bytes) => {
        this.#bytes -= bytes;
        this.#forgetUnused(destination, created);
      });
      queue = created;
      this.#byDestination.set(destination, queue);
    }
    return queue;
  }

  #forgetUnused(destination: string, queue: Queue): void {
    if (queue.isUnused && this.#byDestination.get(destination) === queue) this.#byDestination.delete(destination);
  }
}
