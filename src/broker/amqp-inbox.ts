import type { Channel, ConsumeMessage } from 'amqplib';
import { deferred } from '../core/deferred.js';
import { directExchange, replyCodeOf, topicExchange } from './amqp-names.js';
import type { AmqpNode } from './amqp-node.js';

/** Deliveries that RabbitMQ sends ahead of their acknowledgements; as much can come twice after a cut. */
const prefetch = 2_000;
/** RabbitMQ ends a channel that holds a delivery for longer than its consumer timeout, 30 min by default. */
const markerIntervalMs = 600_000;
const lost = 'The connection was lost while the queue of this node was looked at.';

/** What an inbox tells the link that it belongs to. */
export interface InboxEvents {
  message(destination: string, payload: Buffer): void;
  /** Messages were dropped; told before those that came after them. */
  lost(): void;
  failed(cause: Error): void;
}

/**
 * The queue in which RabbitMQ keeps what a node is interested in. It and its bindings outlive the link for a
 * bounded time, and it holds a bounded number of messages, of which the oldest go first.
 *
 * Whether all is there after a link was lost shows a marker: a message of the node's own that it takes out and
 * never settles while the link lives, so that RabbitMQ puts it back before everything that the node has not
 * seen. Where anything was dropped, be it by overflow, expiry or a restart of RabbitMQ, the marker went first.
 * What overflows while the link lives RabbitMQ moves to a second queue, which tells the node.
 */
export class AmqpInbox {
  readonly #channel: Channel;
  readonly #node: AmqpNode;
  readonly #events: InboxEvents;
  readonly #decided = deferred<{ readonly isWhole: boolean }>();
  #isDecided = false;
  /** The marker that is not settled on this link. */
  #held: ConsumeMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isRemoved = false;
  #isClosed = false;

  private constructor(channel: Channel, node: AmqpNode, events: InboxEvents) {
    this.#channel = channel;
    this.#node = node;
    this.#events = events;
    // Nobody may wait for it yet.
    this.#decided.promise.catch(() => {});
    channel.on('close', () => this.#closed());
    channel.on('error', () => this.#closed());
  }

  /**
   * Resolves when it is known whether anything is missing. Rejects when the connection is lost, and also while
   * RabbitMQ takes the node's last connection for alive: that one may still hold messages.
   */
  static async open(channel: Channel, node: AmqpNode, events: InboxEvents): Promise<AmqpInbox> {
    const inbox = new AmqpInbox(channel, node, events);
    await inbox.#declare();
    await channel.prefetch(prefetch);
    // Exclusive: the last connection's unsettled messages are back in their places once this is granted.
    await channel.consume(node.inbox, (delivery) => inbox.#received(delivery), { exclusive: true });
    inbox.#sendMarker();
    const { isWhole } = await inbox.#decided.promise;
    // All was reported as lost just now.
    if (!isWhole) await channel.purgeQueue(node.overflow);
    await channel.consume(node.overflow, (delivery) => inbox.#overflowed(delivery));
    if (inbox.#isClosed) throw new Error(lost);
    inbox.#timer = setInterval(() => inbox.#sendMarker(), markerIntervalMs);
    inbox.#timer.unref();
    return inbox;
  }

  async bind(destination: string): Promise<void> {
    await this.#channel.bindQueue(this.#node.inbox, topicExchange, destination);
    this.#node.bound.add(destination);
  }

  async unbind(destination: string): Promise<void> {
    await this.#channel.unbindQueue(this.#node.inbox, topicExchange, destination);
    this.#node.bound.delete(destination);
  }

  /** Ends it for good, when the node does. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    clearInterval(this.#timer);
    await this.#channel.deleteQueue(this.#node.inbox);
    await this.#channel.deleteQueue(this.#node.overflow);
  }

  async #declare(): Promise<void> {
    const { inbox, overflow, limits } = this.#node;
    const { expiresMs, maxMessages, maxBytes } = limits;
    // Durable because RabbitMQ 4.3 refuses others that are not exclusive; their messages are not.
    const options = { durable: true, arguments: { 'x-queue-type': 'classic', 'x-overflow': 'drop-head' } };
    try {
      // That something was dropped is all that must be known. It outlives the inbox, so that it hears of everything.
      await this.#channel.assertQueue(overflow, { ...options, expires: 2 * expiresMs, maxLength: 1 });
      await this.#channel.bindQueue(overflow, directExchange, overflow);
      await this.#channel.assertQueue(inbox, {
        ...options,
        arguments: { ...options.arguments, 'x-max-length-bytes': maxBytes },
        expires: expiresMs,
        maxLength: maxMessages,
        deadLetterExchange: directExchange,
        deadLetterRoutingKey: overflow,
      });
      await this.#channel.bindQueue(inbox, directExchange, inbox);
    } catch (error) {
      // Such as a queue that lies on a member of a RabbitMQ cluster that is down.
      if (replyCodeOf(error) !== undefined) this.#node.abandonInbox();
      throw error;
    }
  }

  #sendMarker(): void {
    const marker = Buffer.from(`${this.#node.nextMarker()}`);
    this.#channel.publish(directExchange, this.#node.inbox, marker, { persistent: false });
  }

  #received(delivery: ConsumeMessage | null): void {
    if (delivery === null) return this.#deleted();
    if (delivery.fields.exchange === directExchange) return this.#marker(delivery);
    // What was given out before may come before the marker; what was not lay behind it.
    if (!delivery.fields.redelivered) this.#decide(false);
    this.#events.message(delivery.fields.routingKey, delivery.content);
    this.#channel.ack(delivery);
  }

  #marker(delivery: ConsumeMessage): void {
    const marker = Number(delivery.content.toString());
    const { heldMarker } = this.#node;
    // An older one lies before it: RabbitMQ was told to forget that one, and the link was lost on the way.
    this.#decide(heldMarker === undefined || marker <= heldMarker);
    const before = this.#held;
    this.#held = delivery;
    this.#node.heldMarker = Math.max(marker, heldMarker ?? 0);
    if (before !== undefined) this.#channel.ack(before);
  }

  /** The first call counts. */
  #decide(isWhole: boolean): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    if (!isWhole) this.#events.lost();
    this.#decided.resolve({ isWhole });
  }

  #overflowed(delivery: ConsumeMessage | null): void {
    if (delivery === null) return this.#deleted();
    const id: string | undefined = delivery.properties.messageId;
    // One whose acknowledgement was lost with the last link is no news.
    const isTold = delivery.fields.redelivered && id !== undefined && id === this.#node.toldOverflow;
    if (!isTold) this.#events.lost();
    this.#node.toldOverflow = id;
    this.#channel.ack(delivery);
  }

  #deleted(): void {
    if (!this.#isRemoved) this.#events.failed(new Error('RabbitMQ deleted the queue of this node'));
  }

  #closed(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#decided.reject(new Error(lost));
  }
}
