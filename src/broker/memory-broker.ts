import { randomToken } from '../core/random.js';
import {
  type Broker,
  type BrokerEvents,
  type BrokerMessage,
  BrokerRefusal,
  type BrokerStatus,
  type Guarantees,
  isQueue,
  type Position,
  type QueueConsumer,
  type Replay,
} from './broker.js';
import { History, type HistoryLimits } from './history.js';
import { type QueueLimits, Queues } from './queues.js';
import { SeenSequences } from './seen-sequences.js';

/** How long what has become too old may stay in memory: a tenth of its age, and no longer than this. */
const longestSweepMs = 10_000;

export interface MemoryBrokerOptions {
  /** How much is kept for those who come back; nothing when undefined. */
  readonly history: HistoryLimits | undefined;
  readonly queueLimits?: QueueLimits;
}

/**
 * A broker in the memory of one process. As `simple` each node has its own, which is the classic
 * failing case: nothing reaches the other nodes. With history it is what stands behind the embedded
 * broker's TCP port.
 */
export class MemoryBroker implements Broker {
  readonly kind: string;
  readonly guarantees: Guarantees;
  status: BrokerStatus = 'ready';
  readonly #events: BrokerEvents;
  readonly #history: History | undefined;
  #sweep: NodeJS.Timeout | undefined;
  readonly #queues: Queues;
  readonly #watched = new Set<string>();
  readonly #seen = new SeenSequences();

  constructor(kind: string, events: BrokerEvents, options: MemoryBrokerOptions) {
    this.kind = kind;
    this.#events = events;
    this.#history = options.history && this.#openHistory(options.history);
    this.#queues = new Queues(options.queueLimits);
    this.guarantees = {
      delivery: 'at-least-once',
      order: 'per-publisher',
      history: options.history === undefined ? 'none' : 'bounded',
      reach: 'node',
      queues: 'bounded',
    };
  }

  get historyBytes(): number | undefined {
    return this.#history?.bytes;
  }

  async publish(message: Omit<BrokerMessage, 'position'>): Promise<void> {
    if (this.status === 'closed') throw new BrokerRefusal('The broker is closed.');
    const isForQueue = isQueue(message.destination);
    // What was refused is refused again, what was taken is confirmed again but not stored twice.
    if (this.#seen.isRepeated(message.id)) return isForQueue ? this.#queues.checkRepeated(message.id) : undefined;
    if (isForQueue) return this.#queues.push(message);
    const placed = this.#history?.append(message) ?? { ...message, position: undefined };
    if (this.#watched.has(message.destination)) this.#events.message(placed);
  }

  async watch(destination: string): Promise<Position | undefined> {
    this.#watched.add(destination);
    return this.#history?.hold(destination);
  }

  unwatch(destination: string): void {
    this.#watched.delete(destination);
    this.#history?.release(destination);
  }

  async replay(destination: string, since: Position): Promise<Replay> {
    const messages = this.#history?.after(destination, since);
    const position = this.#history?.positionOf(destination);
    if (messages === undefined || position === undefined) return { recovered: false, position };
    return { recovered: true, messages, position };
  }

  async consume(consumer: QueueConsumer): Promise<void> {
    if (this.status === 'closed') throw new BrokerRefusal('The broker is closed.');
    this.#queues.join(consumer);
  }

  stopConsuming(consumer: QueueConsumer): void {
    this.#queues.leave(consumer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.status = 'closed';
    clearInterval(this.#sweep);
    this.#watched.clear();
  }

  #openHistory(limits: HistoryLimits): History {
    const history = new History(randomToken(6), limits);
    this.#sweep = setInterval(() => history.dropOld(), Math.min(limits.maxAgeMs / 10, longestSweepMs)).unref();
    return history;
  }
}
