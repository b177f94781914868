import { sleep } from '../core/clock.js';
import { type AmqpConnection, openAmqp } from './amqp-connection.js';
import { AmqpDeclarer } from './amqp-declarer.js';
import { AmqpInbox } from './amqp-inbox.js';
import { maxNameBytes, topicExchange } from './amqp-names.js';
import type { AmqpNode } from './amqp-node.js';
import { AmqpQueueConsumers } from './amqp-queue-consumers.js';
import { AmqpQueueSender } from './amqp-queue-sender.js';
import { type BrokerMessage, isQueue, type QueueConsumer, type Replay } from './broker.js';
import type { BrokerLink, LinkEvents } from './broker-link.js';
import { asError, reasonOf } from './link-failure.js';
import { decodePayload, encodePayload } from './message-payload.js';
import type { ServerUrl } from './server-url.js';

/** How long RabbitMQ has to answer the goodbye. */
const goodbyeMs = 500;

/**
 * RabbitMQ: one topic exchange for all nodes, whose routing keys are the destinations, and an inbox of each
 * node's own that is bound to what the node is interested in. A publish is confirmed once it is in the inboxes
 * of all nodes that want it, also of those whose link is away. Destinations of queues are queues of RabbitMQ.
 */
export class AmqpLink implements BrokerLink {
  readonly #events: LinkEvents;
  readonly #connection: AmqpConnection;
  readonly #sender: AmqpQueueSender;
  readonly #consumers: AmqpQueueConsumers;
  readonly #node: AmqpNode;
  #inbox: AmqpInbox | undefined;
  #cause: Error | undefined;
  #isClosed = false;
  #isEnding = false;

  private constructor(connection: AmqpConnection, node: AmqpNode, events: LinkEvents) {
    this.#events = events;
    this.#connection = connection;
    this.#node = node;
    const { model, publisher, inbox, consumers } = connection;
    const declarer = new AmqpDeclarer(model);
    this.#sender = new AmqpQueueSender(publisher, declarer, node, events);
    this.#consumers = new AmqpQueueConsumers(consumers, declarer, node, (cause) => this.destroy(cause));
    for (const source of [model, publisher, inbox, consumers]) {
      source.on('error', (error: unknown) => this.destroy(asError(error)));
      source.on('close', () => this.destroy(new Error('RabbitMQ closed the connection')));
    }
  }

  /** Rejects with a `LinkFailure`. */
  static open(server: ServerUrl, node: AmqpNode, events: LinkEvents): Promise<AmqpLink> {
    return openAmqp(server, async (connection) => {
      const link = new AmqpLink(connection, node, events);
      link.#inbox = await AmqpInbox.open(connection.inbox, node, {
        message: (destination, payload) => link.#received(destination, payload),
        lost: () => events.lost(),
        failed: (cause) => link.destroy(cause),
      });
      return link;
    });
  }

  publish(message: Omit<BrokerMessage, 'position'>): void {
    if (this.#isClosed) return;
    const { id, destination } = message;
    if (isQueue(destination)) return this.#sender.publish(message);
    if (Buffer.byteLength(destination) > maxNameBytes) {
      return this.#events.refused(id, `RabbitMQ takes destinations of up to ${maxNameBytes} bytes.`);
    }
    const payload = encodePayload(message);
    this.#connection.publisher.publish(topicExchange, destination, payload, { messageId: id }, (error: unknown) => {
      if (error === null || error === undefined) this.#events.confirmed(id);
      // Refused by RabbitMQ. When the channel is lost instead, nothing is known, and it is sent again.
      else if (reasonOf(error) === 'message nacked') this.#events.refused(id, 'RabbitMQ refused the message.');
    });
  }

  async follow(destination: string): Promise<Replay | 'unbroken'> {
    await this.#inbox?.bind(destination);
    return 'unbroken';
  }

  unfollow(destination: string): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#inbox?.unbind(destination).catch((error: unknown) => this.destroy(asError(error)));
  }

  keepOnly(destinations: readonly string[]): void {
    const kept = new Set(destinations);
    for (const destination of this.#node.bound) if (!kept.has(destination)) this.unfollow(destination);
  }

  async replay(): Promise<Replay> {
    return { recovered: false, position: undefined };
  }

  consume(consumer: QueueConsumer): Promise<void> {
    return this.#consumers.consume(consumer);
  }

  stopConsuming(consumer: QueueConsumer): void {
    if (!this.#isClosed && !this.#isEnding) this.#consumers.stop(consumer);
  }

  destroy(cause: Error): void {
    this.#cause ??= cause;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sender.close();
    this.#consumers.close();
    this.#connection.end();
    this.#events.closed(this.#cause);
  }

  async end(): Promise<void> {
    if (this.#isClosed || this.#isEnding) return;
    this.#isEnding = true;
    const isSaid = new AbortController();
    void this.#sayGoodbye()
      .catch(() => {})
      .finally(() => isSaid.abort());
    // A server that is gone or hangs does not answer; what is left there expires.
    await sleep(goodbyeMs, isSaid.signal).catch(() => {});
    this.destroy(new Error('The connection was ended here.'));
  }

  async #sayGoodbye(): Promise<void> {
    await this.#inbox?.remove();
    // The library throws at whoever asks for anything more.
    this.#sender.close();
    this.#consumers.close();
    await this.#connection.model.close();
  }

  #received(destination: string, payload: Buffer): void {
    const message = decodePayload(destination, payload, undefined);
    if (message === undefined) this.#events.doubtful(destination);
    else this.#events.message(message);
  }
}
