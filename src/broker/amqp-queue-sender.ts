import type { ConfirmChannel } from 'amqplib';
import { type AmqpDeclarer, queueBounds } from './amqp-declarer.js';
import { directExchange, queueName } from './amqp-names.js';
import type { AmqpNode } from './amqp-node.js';
import { type BrokerMessage, BrokerRefusal } from './broker.js';
import type { LinkEvents } from './broker-link.js';
import { reasonOf } from './link-failure.js';
import { encodePayload } from './message-payload.js';

type Message = Omit<BrokerMessage, 'position'>;

/** The header of a message that was sent before and may be in the queue already. */
export const repeatHeader = 'cluster-chat-repeat';
const fullQueue = `The queue is full: ${queueBounds.maxMessages} messages or ${queueBounds.maxBytes} bytes.`;

/** A queue to which this node sends. */
interface Target {
  readonly destination: string;
  /** Whether RabbitMQ is known to have it. */
  isThere: boolean;
  /** Sent and not answered. */
  underWay: number;
  /** What is sent once the queue is there, by its number. */
  readonly waiting: Map<number, Message>;
}

/**
 * Sends to queues, in order, over one link. A queue is made before its first message. RabbitMQ returns a
 * message whose queue is gone; then the queue is made again, and the message sent again.
 */
export class AmqpQueueSender {
  readonly #publisher: ConfirmChannel;
  readonly #declarer: AmqpDeclarer;
  readonly #node: AmqpNode;
  readonly #events: Pick<LinkEvents, 'confirmed' | 'refused'>;
  readonly #targets = new Map<string, Target>();
  readonly #returned = new Set<string>();
  #numbers = 0;
  #isClosed = false;

  constructor(
    publisher: ConfirmChannel,
    declarer: AmqpDeclarer,
    node: AmqpNode,
    events: Pick<LinkEvents, 'confirmed' | 'refused'>,
  ) {
    this.#publisher = publisher;
    this.#declarer = declarer;
    this.#node = node;
    this.#events = events;
    // Comes before the confirmation of the same message.
    publisher.on('return', ({ properties }) => this.#returned.add(String(properties.messageId)));
  }

  publish(message: Message): void {
    const { id, destination } = message;
    // A sender that lost the refusal must not be told that it was taken.
    if (this.#node.refused.has(id)) return this.#events.refused(id, fullQueue);
    let target = this.#targets.get(destination);
    if (target === undefined) {
      target = { destination, isThere: false, underWay: 0, waiting: new Map() };
      this.#targets.set(destination, target);
      void this.#make(target);
    }
    const number = ++this.#numbers;
    if (target.isThere) this.#send(target, number, message);
    else target.waiting.set(number, message);
  }

  /** From now on nothing is sent. */
  close(): void {
    this.#isClosed = true;
  }

  async #make(target: Target): Promise<void> {
    try {
      await this.#declarer.declare(target.destination);
    } catch (error) {
      // With the link lost everything is sent again over the next.
      if (!(error instanceof BrokerRefusal)) return;
      this.#targets.delete(target.destination);
      for (const { id } of target.waiting.values()) this.#events.refused(id, error.message);
      return;
    }
    if (this.#isClosed) return;
    target.isThere = true;
    const inOrder = [...target.waiting].sort(([a], [b]) => a - b);
    target.waiting.clear();
    for (const [number, message] of inOrder) this.#send(target, number, message);
  }

  #send(target: Target, number: number, message: Message): void {
    const name = queueName(target.destination);
    const isRepeat = this.#node.sent.has(message.id);
    this.#node.sent.add(message.id);
    target.underWay++;
    const options = {
      messageId: message.id,
      mandatory: true,
      persistent: true,
      headers: isRepeat ? { [repeatHeader]: true } : {},
    };
    this.#publisher.publish(directExchange, name, encodePayload(message), options, (error: unknown) =>
      this.#answered(target, number, message, error),
    );
  }

  #answered(target: Target, number: number, message: Message, error: unknown): void {
    const { id } = message;
    target.underWay--;
    if (error !== null && error !== undefined) {
      // When the channel is lost instead, nothing is known, and it is sent again over the next.
      if (reasonOf(error) !== 'message nacked') return;
      this.#node.sent.delete(id);
      this.#node.refused.add(id);
      return this.#events.refused(id, fullQueue);
    }
    if (this.#returned.delete(id)) {
      this.#node.sent.delete(id);
      target.isThere = false;
      target.waiting.set(number, message);
    } else this.#events.confirmed(id);
    // Only when all that were under way have their answers is it known what goes first.
    if (target.isThere || target.underWay > 0 || target.waiting.size === 0) return;
    this.#declarer.forget(target.destination);
    void this.#make(target);
  }
}
