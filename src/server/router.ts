import type { Broker, BrokerEvents, BrokerMessage, Position } from '../broker/broker.js';
import { FanOut } from './fan-out.js';
import type { NodeCounters } from './metrics.js';
import type { Subscription } from './subscription.js';

/** A destination that somebody here subscribes to. */
interface Channel {
  readonly subscriptions: Set<Subscription>;
  /** Resolves when the broker's interest is in force, with the position at which it began. */
  readonly watch: Promise<Position | undefined>;
  isInForce: boolean;
  /** The last message that passed, or where the interest began. */
  position: Position | undefined;
}

/** What a new subscriber is told in its RECEIPT. */
export interface Joined {
  /** undefined unless it asked for what it missed. */
  readonly recovered: boolean | undefined;
  readonly position: Position | undefined;
  /** What it missed, oldest first. */
  readonly replayed: readonly BrokerMessage[];
}

/**
 * Between the sessions and the broker. A message never goes from session to session directly, not
 * even on the same node: it goes to the broker and comes back. One road, one order, and a single node
 * behaves like many.
 */
export class Router implements BrokerEvents {
  readonly #counters: NodeCounters;
  readonly #channels = new Map<string, Channel>();
  #broker: Broker | undefined;

  constructor(counters: NodeCounters) {
    this.#counters = counters;
  }

  /** The broker needs its events before it opens, hence the two steps. */
  attach(broker: Broker): void {
    this.#broker = broker;
  }

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error('the router has no broker yet');
    return this.#broker;
  }

  get isReady(): boolean {
    return this.#broker?.status === 'ready';
  }

  /** Resolves when the broker has the message. */
  publish(message: Omit<BrokerMessage, 'position'>): Promise<void> {
    return this.broker.publish(message);
  }

  /**
   * Adds a subscription and resolves when its interest is in force. With `since` it also fetches what
   * came after that position: all of it, or nothing.
   */
  async join(subscription: Subscription, since: Position | undefined): Promise<Joined> {
    const channel = this.#channelOf(subscription.destination);
    channel.subscriptions.add(subscription);
    try {
      // From here on the subscription holds back what comes; its start is the position of this very moment.
      const position = channel.isInForce ? channel.position : await channel.watch;
      return since === undefined
        ? { recovered: undefined, position, replayed: [] }
        : await this.#recover(subscription.destination, since, position);
    } catch (error) {
      this.leave(subscription);
      throw error;
    }
  }

  leave(subscription: Subscription): void {
    const channel = this.#channels.get(subscription.destination);
    if (channel === undefined || !channel.subscriptions.delete(subscription)) return;
    if (channel.subscriptions.size > 0) return;
    this.#channels.delete(subscription.destination);
    this.broker.unwatch(subscription.destination);
  }

  message(message: BrokerMessage): void {
    const channel = this.#channels.get(message.destination);
    if (channel === undefined) return;
    if (message.position !== undefined) channel.position = message.position;
    const fanOut = this.fanOut(message);
    for (const subscription of channel.subscriptions) subscription.receive(fanOut);
  }

  gap(destination: string, position: Position | undefined): void {
    this.#counters.brokerGaps++;
    const channel = this.#channels.get(destination);
    if (channel !== undefined) channel.position = position;
  }

  fanOut(message: BrokerMessage): FanOut {
    return new FanOut(message, () => this.#counters.headersDropped++);
  }

  get destinations(): number {
    return this.#channels.size;
  }

  async #recover(destination: string, since: Position, position: Position | undefined): Promise<Joined> {
    if (position !== undefined && position.epoch === since.epoch && position.offset === since.offset) {
      this.#counters.recovered++;
      return { recovered: true, position, replayed: [] };
    }
    const replay = await this.broker.replay(destination, since);
    if (!replay.recovered) {
      this.#counters.notRecovered++;
      return { recovered: false, position, replayed: [] };
    }
    this.#counters.recovered++;
    return { recovered: true, position: replay.position, replayed: replay.messages };
  }

  #channelOf(destination: string): Channel {
    const existing = this.#channels.get(destination);
    if (existing !== undefined) return existing;
    const channel: Channel = {
      subscriptions: new Set(),
      watch: this.broker.watch(destination).then((position) => {
        channel.isInForce = true;
        // Messages may have passed between the broker's answer and this turn; they are newer.
        channel.position ??= position;
        return position;
      }),
      isInForce: false,
      position: undefined,
    };
    this.#channels.set(destination, channel);
    return channel;
  }
}
