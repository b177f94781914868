import type { Channel, ChannelModel } from 'amqplib';
import { directExchange, maxNameBytes, queueName, replyCodeOf } from './amqp-names.js';
import { BrokerRefusal } from './broker.js';
import { reasonOf } from './link-failure.js';

/** What a queue holds, the same as on the embedded broker; RabbitMQ counts what waits, not what is given out. */
export const queueBounds = { maxMessages: 10_000, maxBytes: 16 * 1_048_576 };
/** Queues that a node uses over one link. */
const maxQueues = 1_000;

/**
 * Makes sure that queues exist, over a channel of its own: RabbitMQ ends the channel of a request that it
 * refuses. A queue is durable and stays until somebody deletes it in RabbitMQ: to delete one that looks unused
 * could take along what another node is about to give back.
 */
export class AmqpDeclarer {
  readonly #model: ChannelModel;
  readonly #byDestination = new Map<string, Promise<void>>();
  #channel: Channel | undefined;
  /** One request at a time, so that a refusal ends no other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(model: ChannelModel) {
    this.#model = model;
  }

  /**
   * Resolves when the queue of a destination takes messages. Rejects with a `BrokerRefusal` where it cannot be,
   * otherwise when the link is lost.
   */
  declare(destination: string): Promise<void> {
    const known = this.#byDestination.get(destination);
    if (known !== undefined) return known;
    const refusal = this.#refusalOf(destination);
    if (refusal !== undefined) return Promise.reject(new BrokerRefusal(refusal));
    const declared = this.#last.then(() => this.#declare(destination));
    this.#last = declared.catch(() => this.#byDestination.delete(destination));
    this.#byDestination.set(destination, declared);
    return declared;
  }

  /** The queue was found to be gone. */
  forget(destination: string): void {
    this.#byDestination.delete(destination);
  }

  #refusalOf(destination: string): string | undefined {
    const maxBytes = maxNameBytes - Buffer.byteLength(queueName(''));
    if (Buffer.byteLength(destination) > maxBytes) return `RabbitMQ takes queues of up to ${maxBytes} bytes.`;
    return this.#byDestination.size >= maxQueues ? `This node uses ${maxQueues} queues already.` : undefined;
  }

  async #declare(destination: string): Promise<void> {
    const name = queueName(destination);
    const { maxMessages, maxBytes } = queueBounds;
    try {
      const channel = await this.#open();
      await channel.assertQueue(name, {
        durable: true,
        maxLength: maxMessages,
        overflow: 'reject-publish',
        arguments: { 'x-queue-type': 'classic', 'x-max-length-bytes': maxBytes },
      });
      await channel.bindQueue(name, directExchange, name);
    } catch (error) {
      if (replyCodeOf(error) === undefined) throw error;
      this.#channel = undefined;
      throw new BrokerRefusal(`RabbitMQ refused the queue: ${reasonOf(error)}.`);
    }
  }

  async #open(): Promise<Channel> {
    if (this.#channel !== undefined) return this.#channel;
    const channel = await this.#model.createChannel();
    // Told to whoever asked.
    channel.on('error', () => {});
    this.#channel = channel;
    return channel;
  }
}
