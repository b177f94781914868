import { nowMs } from '../core/clock.js';
import { AppError, messageOf } from '../core/errors.js';
import { StallWatch } from '../core/stall-watch.js';
import {
  type Broker,
  type BrokerEvents,
  type BrokerMessage,
  BrokerRefusal,
  type BrokerStatus,
  type Guarantees,
  type Position,
  type QueueConsumer,
  type Replay,
} from './broker.js';
import type { BrokerLink } from './broker-link.js';
import { kept } from './kept-message.js';
import { asError, LinkFailure } from './link-failure.js';
import type { LinkedBrokerOptions } from './linked-broker-options.js';
import { LinkedConsumers } from './linked-consumers.js';
import { Outstanding } from './outstanding.js';
import { PendingReplays } from './pending-replays.js';
import { reconnect } from './reconnect.js';
import { SeenSequences } from './seen-sequences.js';
import { Watches } from './watches.js';

/** Messages of one destination that wait while the ones before them are fetched; the oldest go first. */
const maxHeld = 1_000;
/** How long anything may wait for a broker that is away, unless told otherwise. */
const defaultMaxWaitMs = 10_000;
const expiryEveryMs = 250;
/** Looks further apart say that this process stood still: what the broker said meanwhile has not been read yet. */
const stallMs = expiryEveryMs + 1_000;
/** Destinations taken up at a time over a new link. */
const takeUpsAtATime = 32;

/** An interest that is being taken up. */
interface TakeUp {
  /** What came meanwhile. */
  readonly held: BrokerMessage[];
  readonly done: Promise<void>;
}

interface Asked {
  readonly id: string;
  readonly position: Position | undefined;
  readonly held: BrokerMessage[];
}

/**
 * A broker on a server, over a link that can be lost. Then the next is opened with
 * full jitter, every interest is taken up at the position it had, what was not confirmed is sent again
 * under the same id, and only after that the broker calls itself ready. Where there is history the
 * offsets are watched: a message that does not follow the last one means that others were lost on the
 * way, and what is stored is asked for before it is passed on.
 */
export class LinkedBroker implements Broker {
  readonly kind: string;
  readonly guarantees: Guarantees;
  status: BrokerStatus = 'connecting';
  readonly #openLink: LinkedBrokerOptions['openLink'];
  readonly #events: BrokerEvents;
  readonly #outstanding = new Outstanding();
  readonly #watches: Watches;
  readonly #replays = new PendingReplays((link, ...request) => this.#replayOver(link, ...request));
  readonly #consumers = new LinkedConsumers();
  readonly #seen = new SeenSequences();
  readonly #closing = new AbortController();
  /** By the id of the watch. */
  readonly #takeUps = new Map<string, TakeUp>();
  #link: BrokerLink | undefined;
  readonly #expiry: NodeJS.Timeout;

  private constructor(options: LinkedBrokerOptions, events: BrokerEvents) {
    this.kind = options.kind;
    this.guarantees = options.guarantees;
    this.#openLink = options.openLink;
    this.#events = events;
    this.#watches = new Watches((destination, position) => events.gap(destination, position));
    const { maxWaitMs = defaultMaxWaitMs } = options;
    const stalls = new StallWatch(stallMs, nowMs());
    this.#expiry = setInterval(() => {
      if (stalls.isAfterStall(nowMs())) return;
      for (const waiting of [this.#outstanding, this.#watches, this.#replays, this.#consumers]) {
        waiting.refuseExpired(maxWaitMs);
      }
    }, expiryEveryMs);
    this.#expiry.unref();
  }

  /** Resolves when the broker is ready. Rejects with `broker-unreachable` when the server cannot be used. */
  static async open(options: LinkedBrokerOptions, events: BrokerEvents): Promise<LinkedBroker> {
    const broker = new LinkedBroker(options, events);
    try {
      await broker.#connect();
      return broker;
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      const hint = error instanceof LinkFailure ? error.hint : undefined;
      throw new AppError('broker-unreachable', `The broker at ${options.shown} cannot be used: ${messageOf(error)}.`, {
        hint: hint ?? 'Start it, or name another with --broker; "embedded" needs no server.',
        cause: error,
      });
    }
  }

  publish(message: Omit<BrokerMessage, 'position'>): Promise<void> {
    if (this.status === 'closed') return Promise.reject(new BrokerRefusal('The broker connection is closed.'));
    const confirmed = this.#outstanding.add(message);
    if (this.status === 'ready' && this.#link !== undefined) this.#outstanding.send(message.id, this.#link);
    return confirmed;
  }

  watch(destination: string): Promise<Position | undefined> {
    if (this.status === 'closed') return Promise.reject(new BrokerRefusal('The broker connection is closed.'));
    const isNew = this.#watches.add(destination);
    if (isNew && this.#link !== undefined) void this.#takeUp(this.#link, destination);
    return this.#watches.inForce(destination);
  }

  unwatch(destination: string): void {
    const id = this.#watches.remove(destination);
    if (id === undefined) return;
    this.#takeUps.delete(id);
    this.#link?.unfollow(destination);
  }

  replay(destination: string, since: Position): Promise<Replay> {
    if (this.status === 'closed') return Promise.reject(new BrokerRefusal('The broker connection is closed.'));
    if (this.guarantees.history === 'none') return Promise.resolve({ recovered: false, position: undefined });
    return this.#replays.add(destination, since, this.status === 'ready' ? this.#link : undefined);
  }

  consume(consumer: QueueConsumer): Promise<void> {
    if (this.status === 'closed') return Promise.reject(new BrokerRefusal('The broker connection is closed.'));
    return this.#consumers.add(consumer, this.#link);
  }

  stopConsuming(consumer: QueueConsumer): void {
    if (this.#consumers.remove(consumer)) this.#link?.stopConsuming?.(consumer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.status === 'closed') return;
    this.status = 'closed';
    clearInterval(this.#expiry);
    this.#closing.abort();
    this.#outstanding.refuseAll('This node is closing.');
    this.#watches.refuseAll('This node is closing.');
    this.#replays.refuseAll('This node is closing.');
    this.#consumers.refuseAll('This node is closing.');
    await this.#link?.end();
  }

  async #connect(): Promise<void> {
    let isLost = false;
    let link: BrokerLink | undefined;
    const opened = await this.#openLink({
      message: (message) => this.#received(message),
      unwanted: (body) => this.#events.unwanted?.(body),
      doubtful: (destination) => this.#mend(destination),
      lost: () => this.#watches.lost(),
      confirmed: (id) => this.#outstanding.confirm(id),
      refused: (id, reason) => this.#outstanding.refuse(id, reason),
      closed: () => {
        isLost = true;
        if (link !== undefined && this.#link === link) this.#lost();
      },
    });
    link = opened;
    if (this.#closing.signal.aborted) return link.end();
    // It may have been lost while the promise was on its way.
    if (!isLost) this.#link = link;
    link.keepOnly?.(this.#watches.destinations());
    await this.#takeUpAll(link);
    // Nothing comes into force any more over a link that was lost meanwhile.
    this.#expectOn(link);
    await this.#watches.allInForce(this.#closing.signal);
    await this.#consumers.takeUpAll(link);
    this.#expectOn(link);
    if (this.#closing.signal.aborted) return;
    // Ready before the unconfirmed publishes go out again, so that new ones queue behind them, not before.
    this.status = 'ready';
    this.#outstanding.sendAll(link);
    this.#replays.askAll(link);
  }

  #expectOn(link: BrokerLink): void {
    if (this.#link !== link) throw new Error('The connection was lost while interest was taken up again.');
  }

  #lost(): void {
    this.#link = undefined;
    this.#takeUps.clear();
    this.#watches.connectionLost();
    if (this.status !== 'ready') return;
    this.status = 'away';
    void reconnect(() => this.#connect(), this.#closing.signal);
  }

  async #takeUpAll(link: BrokerLink): Promise<void> {
    const destinations = this.#watches.destinations().values();
    const takeUpSome = async () => {
      for (const destination of destinations) {
        if (this.#link !== link) return;
        await this.#takeUp(link, destination);
      }
    };
    await Promise.all(Array.from({ length: takeUpsAtATime }, takeUpSome));
  }

  /** Makes the interest in force and passes on what was missed since its position; what comes meanwhile waits. */
  #takeUp(link: BrokerLink, destination: string): Promise<void> {
    const watch = this.#watches.find(destination);
    if (watch === undefined) return Promise.resolve();
    const running = this.#takeUps.get(watch.id);
    if (running !== undefined) return running.done;
    const held: BrokerMessage[] = [];
    const done = this.#follow(link, destination, { id: watch.id, position: watch.position, held });
    this.#takeUps.set(watch.id, { held, done });
    return done;
  }

  async #follow(link: BrokerLink, destination: string, asked: Asked): Promise<void> {
    const { id, position, held } = asked;
    try {
      const replay = await link.follow(destination, position);
      if (this.#link !== link || this.#takeUps.get(id)?.held !== held) return;
      if (replay === 'unbroken') this.#watches.confirm(id, { recovered: undefined, position: undefined });
      else {
        if (replay.recovered) for (const message of replay.messages) this.#pass(id, message);
        const position = replay.recovered ? replay.position : positionBefore(held[0], replay.position);
        this.#watches.confirm(id, { recovered: String(replay.recovered), position });
      }
    } catch (error) {
      return link.destroy(asError(error));
    }
    this.#takeUps.delete(id);
    for (const message of held) this.#received(message);
  }

  async #replayOver(link: BrokerLink, destination: string, since: Position): Promise<Replay> {
    const replay = await link.replay(destination, since);
    if (replay.recovered) await this.#catchUp(link, destination, replay.position);
    return replay;
  }

  /**
   * Resolves when this node has passed on everything up to a position. What is stored can be ahead of what
   * has come here: a subscriber who got it from there would get it once more.
   */
  async #catchUp(link: BrokerLink, destination: string, position: Position): Promise<void> {
    for (;;) {
      const own = this.#watches.find(destination)?.position;
      if (own === undefined || own.epoch !== position.epoch || own.offset >= position.offset) return;
      if (this.#link !== link) throw new Error('The connection was lost while this node caught up.');
      await this.#takeUp(link, destination);
    }
  }

  #received(message: BrokerMessage): void {
    const watch = this.#watches.find(message.destination);
    if (watch === undefined) return this.#events.unwanted?.(message.body);
    const { position } = message;
    if (position === undefined) {
      // By destination: some servers keep an order within one only.
      if (!this.#seen.isRepeated(`${message.destination} ${message.id}`)) this.#events.message(message);
      return;
    }
    const held = this.#takeUps.get(watch.id)?.held;
    if (held !== undefined) {
      // Whatever does not fit is stored: the message after it shows the hole.
      if (held.push(kept(message)) > maxHeld) held.shift();
      return;
    }
    const isSameEpoch = watch.position?.epoch === position.epoch;
    const step = position.offset - (watch.position?.offset ?? 0);
    if (isSameEpoch && step <= 1) this.#pass(watch.id, message);
    else {
      this.#mend(message.destination);
      this.#takeUps.get(watch.id)?.held.push(kept(message));
    }
  }

  /** Something was lost between server and node: asks for what came after the last message that is known. */
  #mend(destination: string): void {
    if (this.#link !== undefined) void this.#takeUp(this.#link, destination);
  }

  #pass(id: string, message: BrokerMessage): void {
    if (this.#watches.advance(id, message)) this.#events.message(message);
  }
}

/** Where a destination is taken up again after a hole: no later than before the first message that has come since. */
function positionBefore(first: BrokerMessage | undefined, position: Position | undefined): Position | undefined {
  if (first?.position === undefined || first.position.epoch !== position?.epoch) return position;
  return { ...position, offset: Math.min(position.offset, first.position.offset - 1) };
}
