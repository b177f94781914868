import type { Channel, ConsumeMessage } from 'amqplib';
import type { AmqpDeclarer } from './amqp-declarer.js';
import { queueName } from './amqp-names.js';
import type { AmqpNode } from './amqp-node.js';
import { repeatHeader } from './amqp-queue-sender.js';
import type { QueueConsumer, QueueDelivery } from './broker.js';
import { asError } from './link-failure.js';
import { decodePayload } from './message-payload.js';
import { RecentIds } from './recent-ids.js';

/** Released messages of a consumer that are remembered; one that is forgotten may come back to it at once. */
const maxReleased = 1_000;

/** A consumer's part in its queue. */
interface Part {
  readonly consumer: QueueConsumer;
  readonly tag: string;
  readonly unsettled: Set<ConsumeMessage>;
  /** Ids of what it released and was not brought again since. */
  readonly released: RecentIds;
  isTaken: boolean;
  isEnded: boolean;
}

type Delivered = Pick<QueueDelivery, 'message' | 'isRedelivered'>;

/**
 * The consumers of a node's sessions over one link, each a consumer of RabbitMQ's, so that RabbitMQ itself
 * gives every consumer of the cluster its turn. They share a channel, since RabbitMQ allows few.
 */
export class AmqpQueueConsumers {
  readonly #channel: Channel;
  readonly #declarer: AmqpDeclarer;
  readonly #node: AmqpNode;
  readonly #failed: (cause: Error) => void;
  readonly #parts = new Map<QueueConsumer, Part>();
  #made = 0;
  #isClosed = false;
  /** Requests one after the other: what one says applies to the next. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param failed told when the channel cannot be used any more */
  constructor(channel: Channel, declarer: AmqpDeclarer, node: AmqpNode, failed: (cause: Error) => void) {
    this.#channel = channel;
    this.#declarer = declarer;
    this.#node = node;
    this.#failed = failed;
  }

  /** Rejects with a `BrokerRefusal` where the queue cannot be, otherwise when the link is lost. */
  async consume(consumer: QueueConsumer): Promise<void> {
    const part: Part = {
      consumer,
      tag: `q-${++this.#made}`,
      unsettled: new Set(),
      released: new RecentIds(maxReleased),
      isTaken: false,
      isEnded: false,
    };
    this.#parts.set(consumer, part);
    try {
      await this.#declarer.declare(consumer.destination);
    } catch (error) {
      this.#parts.delete(consumer);
      throw error;
    }
    await this.#inTurn(() => this.#take(part));
  }

  stop(consumer: QueueConsumer): void {
    const part = this.#parts.get(consumer);
    if (part === undefined) return;
    this.#parts.delete(consumer);
    part.isEnded = true;
    this.#inTurn(() => this.#giveBack(part)).catch((error: unknown) => this.#failed(asError(error)));
  }

  /** From now on settling changes nothing: with the connection RabbitMQ takes back what was not settled. */
  close(): void {
    this.#isClosed = true;
  }

  #inTurn(request: () => Promise<void>): Promise<void> {
    const done = this.#last.then(request);
    this.#last = done.catch(() => {});
    return done;
  }

  async #take(part: Part): Promise<void> {
    if (part.isEnded) return;
    // Holds for the consumers that come after it on the channel [RabbitMQ, Consumer Prefetch].
    await this.#channel.prefetch(part.consumer.prefetch);
    const name = queueName(part.consumer.destination);
    await this.#channel.consume(name, (delivery) => this.#received(part, delivery), { consumerTag: part.tag });
    part.isTaken = true;
  }

  async #giveBack(part: Part): Promise<void> {
    if (!part.isTaken || this.#isClosed) return;
    // First, so that it does not come back here.
    await this.#channel.cancel(part.tag);
    if (this.#isClosed) return;
    // Oldest first, since the first may go out again before the second is back.
    const oldestFirst = [...part.unsettled].sort((a, b) => Number(b.fields.redelivered) - Number(a.fields.redelivered));
    for (const delivery of oldestFirst) this.#channel.nack(delivery, false, true);
    part.unsettled.clear();
  }

  #received(part: Part, delivery: ConsumeMessage | null): void {
    if (delivery === null) return this.#failed(new Error(`RabbitMQ deleted the queue ${part.consumer.destination}`));
    const message = decodePayload(part.consumer.destination, delivery.content, undefined);
    // Written by somebody else: of no use to any node. RabbitMQ moves it to where its operator says, if anywhere.
    if (message === undefined) return this.#channel.nack(delivery, false, false);
    const { redelivered } = delivery.fields;
    const isRepeat = delivery.properties.headers?.[repeatHeader] === true;
    // A second copy, from a sender that lost the confirmation; of the first this node knows what became.
    if (isRepeat && !redelivered && this.#node.seen.has(message.id)) return this.#channel.ack(delivery);
    this.#node.seen.add(message.id);
    // RabbitMQ may bring it back to who released it. Once more and it is the next one's turn, where there is one.
    if (!part.isEnded && part.released.delete(message.id)) return this.#channel.nack(delivery, false, true);
    part.unsettled.add(delivery);
    if (!part.isEnded) this.#deliver(part, delivery, { message, isRedelivered: redelivered || isRepeat });
  }

  #deliver(part: Part, delivery: ConsumeMessage, { message, isRedelivered }: Delivered): void {
    const isSettledNow = () => !this.#isClosed && !part.isEnded && part.unsettled.delete(delivery);
    part.consumer.deliver({
      // The body may be a view of the socket's chunk, and a consumer may hold it back.
      message: { ...message, body: Buffer.from(message.body) },
      isRedelivered,
      accept: () => {
        if (isSettledNow()) this.#channel.ack(delivery);
      },
      release: () => {
        if (!isSettledNow()) return;
        part.released.add(message.id);
        this.#channel.nack(delivery, false, true);
      },
    });
  }
}
