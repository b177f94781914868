import type { Broker, BrokerEvents, BrokerMessage, Position } from '../broker/broker.js';
import { FanOut } from './fan-out.js';
import { GapNotices } from './gap-notices.js';
import type { Journal } from './journal.js';
import type { LastMoment } from './last-moment.js';
import type { NodeCounters } from './metrics.js';
import type { QueueSubscription } from './queue-subscription.js';
import type { Subscription } from './subscription.js';
import { isUserDestination, shownUserDestination } from './user-destination.js';

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
  readonly #servesNodes: boolean;
  readonly #journal: Journal | undefined;
  readonly #lastMoment: LastMoment | undefined;
  /** The subscriptions of this node by destination; none of the sets is empty. */
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  readonly #gaps = new GapNotices();
  #broker: Broker | undefined;

  /** @param servesNodes whether the peers are nodes, which are shown a user's destination as the broker knows it */
  constructor(counters: NodeCounters, servesNodes: boolean, journal?: Journal, lastMoment?: LastMoment) {
    this.#counters = counters;
    this.#lastMoment = lastMoment;
    this.#servesNodes = servesNodes;
    this.#journal = journal;
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
  async publish(message: Omit<BrokerMessage, 'position'>): Promise<void> {
    const accepted = this.#journal?.accepted(message.body);
    await this.broker.publish(message);
    if (accepted === undefined) return;
    this.#journal?.passed(accepted);
    this.#lastMoment?.reached('before-ack');
  }

  /**
   * Adds a subscription and resolves when its interest is in force. With `since` it also fetches what
   * came after that position: all of it, or nothing.
   */
  async join(subscription: Subscription, since: Position | undefined): Promise<Joined> {
    const { destination } = subscription;
    let subscriptions = this.#subscriptions.get(destination);
    if (subscriptions === undefined) {
      subscriptions = new Set();
      this.#subscriptions.set(destination, subscriptions);
    }
    // From here on the subscription holds back what comes.
    subscriptions.add(subscription);
    try {
      // Asked for every subscription, also where others wait or listen already: only the broker knows
      // whether the interest is in force at this moment.
      const position = await this.broker.watch(destination);
      if (since === undefined || subscription.isEnded) return { recovered: undefined, position, replayed: [] };
      return await this.#recover(destination, since, position);
    } catch (error) {
      this.leave(subscription);
      throw error;
    }
  }

  /** Takes part in a queue; resolves when that is in force. */
  async joinQueue(subscription: QueueSubscription): Promise<void> {
    await this.broker.consume?.(subscription);
  }

  leave(subscription: Subscription | QueueSubscription): void {
    if (subscription.type === 'queue') return this.broker.stopConsuming?.(subscription);
    const { destination } = subscription;
    const subscriptions = this.#subscriptions.get(destination);
    if (subscriptions === undefined || !subscriptions.delete(subscription) || subscriptions.size > 0) return;
    this.#subscriptions.delete(destination);
    this.broker.unwatch(destination);
  }

  message(message: BrokerMessage): void {
    const fanOut = this.fanOut(message);
    const subscriptions = this.#subscriptions.get(message.destination);
    if (subscriptions === undefined) return;
    if (fanOut.isOfLoad) this.#lastMoment?.reached('before-fan-out');
    if (fanOut.isOfLoad && this.#lastMoment?.isArmed('mid-fan-out')) this.#dieHalfway(fanOut, subscriptions);
    let withoutPosition: FanOut | undefined;
    for (const subscription of subscriptions) {
      if (subscription.hasGap) withoutPosition ??= this.fanOut({ ...message, position: undefined });
      subscription.receive(subscription.hasGap ? (withoutPosition ?? fanOut) : fanOut);
    }
  }

  /** It reached this node after the last who listened had gone: the broker has done its part. */
  unwanted(body: Buffer): void {
    this.#journal?.brought(body);
  }

  /** A message for a single subscription has no half. */
  #dieHalfway(fanOut: FanOut, subscriptions: ReadonlySet<Subscription>): void {
    const live = [...subscriptions].filter(({ isLive }) => isLive);
    const half = live.slice(0, Math.floor(live.length / 2));
    if (half.length === 0) return;
    for (const subscription of half) {
      subscription.receive(fanOut);
      subscription.session.flush();
    }
    this.#lastMoment?.reached('mid-fan-out');
  }

  gap(destination: string): void {
    this.#counters.brokerGaps++;
    for (const subscription of this.#subscriptions.get(destination) ?? []) {
      if (subscription.recovers && !subscription.hasGap) this.#gaps.add(subscription);
    }
  }

  fanOut(message: BrokerMessage): FanOut {
    const number = this.#journal?.brought(message.body);
    return new FanOut(this.#shown(message), () => this.#counters.headersDropped++, number);
  }

  get destinations(): number {
    return this.#subscriptions.size;
  }

  #shown(message: BrokerMessage): BrokerMessage {
    if (this.#servesNodes || !isUserDestination(message.destination)) return message;
    return { ...message, destination: shownUserDestination(message.destination) };
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
}
