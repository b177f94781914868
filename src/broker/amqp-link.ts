import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import type { BrokerMessage, Replay } from './broker.js';
import type { BrokerLink, LinkEvents } from './broker-link.js';
import { asError, linkFailure, reasonOf, type Trouble } from './link-failure.js';
import { decodePayload, encodePayload } from './message-payload.js';
import type { ServerUrl } from './server-url.js';

const connectTimeoutMs = 5_000;
/** The least whole number of seconds that a node that is busy for a moment survives; lost after two of them. */
const heartbeatSeconds = 2;
const exchange = 'cluster-chat';
const maxRoutingKeyBytes = 255;

/** Nothing is stored for a node that is away: whether something was missed nobody knows. */
const unknown: Replay = { recovered: false, position: undefined };

const wrongServer =
  'Check that AMQP 0-9-1 is spoken there (usually at port 5672; STOMP is another), and whether it wants TLS: amqps://.';
const troubles: readonly Trouble[] = [
  {
    pattern: /ACCESS.REFUSED/,
    hint: 'Put user and password into the URL, before the host: user:password@host. The user guest may only come from the same machine.',
  },
  {
    // At this point of the handshake the library does not pass on what RabbitMQ says; only one thing can be wrong.
    pattern: /^Expected ConnectionOpenOk; got <ConnectionClose/,
    reason: 'it has no such virtual host, or this user may not use it',
    hint: 'Name one that the server has: amqp://host/name; left out it is "/", which is written %2F.',
  },
  { pattern: /Frame size|Expected Connection/i, reason: 'it does not answer like AMQP 0-9-1', hint: wrongServer },
  { pattern: /SSL routines|packet length/, reason: 'it does not speak TLS', hint: wrongServer },
  { pattern: /no answer|closed|disconnected|ECONNRESET|handshake/i, hint: wrongServer },
];

/**
 * RabbitMQ: one topic exchange for all nodes, whose routing keys are the destinations, and a queue of
 * each node's own that is bound to what the node is interested in and goes with its connection.
 * A publish is confirmed once it is in the queues of all nodes that want it.
 */
export class AmqpLink implements BrokerLink {
  readonly #events: LinkEvents;
  readonly #model: ChannelModel;
  readonly #publisher: ConfirmChannel;
  readonly #consumer: Channel;
  readonly #queue: string;
  readonly #socketEnd: AbortController;
  #cause: Error | undefined;
  #isClosed = false;

  private constructor(parts: Parts, events: LinkEvents) {
    this.#events = events;
    this.#model = parts.model;
    this.#publisher = parts.publisher;
    this.#consumer = parts.consumer;
    this.#queue = parts.queue;
    this.#socketEnd = parts.socketEnd;
    for (const source of [parts.model, parts.publisher, parts.consumer]) {
      source.on('error', (error: unknown) => this.destroy(asError(error)));
      source.on('close', () => this.destroy(new Error('RabbitMQ closed the connection')));
    }
  }

  /** Rejects with a `LinkFailure`. */
  static async open(server: ServerUrl, events: LinkEvents): Promise<AmqpLink> {
    const socketEnd = new AbortController();
    const timer = setTimeout(() => socketEnd.abort(), connectTimeoutMs);
    try {
      const link = new AmqpLink(await openParts(server, socketEnd), events);
      await link.#consume();
      return link;
    } catch (error) {
      const isTooLate = socketEnd.signal.aborted;
      socketEnd.abort();
      const late = new Error(`no answer from RabbitMQ within ${connectTimeoutMs} ms`);
      throw linkFailure(isTooLate ? late : error, troubles);
    } finally {
      clearTimeout(timer);
    }
  }

  publish(message: Omit<BrokerMessage, 'position'>): void {
    const { id, destination } = message;
    if (Buffer.byteLength(destination) > maxRoutingKeyBytes) {
      return this.#events.refused(id, `RabbitMQ takes destinations of up to ${maxRoutingKeyBytes} bytes.`);
    }
    if (this.#isClosed) return;
    this.#publisher.publish(exchange, destination, encodePayload(message), { messageId: id }, (error: unknown) => {
      if (error === null || error === undefined) this.#events.confirmed(id);
      // Refused by RabbitMQ. When the channel is lost instead, nothing is known, and it is sent again.
      else if (reasonOf(error) === 'message nacked') this.#events.refused(id, 'RabbitMQ refused the message.');
    });
  }

  async follow(destination: string): Promise<Replay> {
    await this.#consumer.bindQueue(this.#queue, exchange, destination);
    return unknown;
  }

  unfollow(destination: string): void {
    if (this.#isClosed) return;
    const left = this.#consumer.unbindQueue(this.#queue, exchange, destination);
    left.catch((error: unknown) => this.destroy(asError(error)));
  }

  async replay(): Promise<Replay> {
    return unknown;
  }

  destroy(cause: Error): void {
    this.#cause ??= cause;
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socketEnd.abort();
    this.#events.closed(this.#cause);
  }

  end(): void {
    if (this.#isClosed) return;
    const done = () => this.destroy(new Error('The connection was ended here.'));
    // A server that is gone or hangs does not answer the goodbye.
    setTimeout(done, 250).unref();
    this.#model.close().then(done, done);
  }

  async #consume(): Promise<void> {
    await this.#consumer.consume(this.#queue, (delivery) => this.#received(delivery), { noAck: true, exclusive: true });
  }

  #received(delivery: ConsumeMessage | null): void {
    if (delivery === null) return this.destroy(new Error('RabbitMQ deleted the queue of this node'));
    const destination = delivery.fields.routingKey;
    const message = decodePayload(destination, delivery.content, undefined);
    if (message === undefined) this.#events.doubtful(destination);
    else this.#events.message(message);
  }
}

interface Parts {
  readonly model: ChannelModel;
  readonly publisher: ConfirmChannel;
  readonly consumer: Channel;
  readonly queue: string;
  readonly socketEnd: AbortController;
}

async function openParts(server: ServerUrl, socketEnd: AbortController): Promise<Parts> {
  // The library has no way to end a connection at once; Node's sockets take a signal for that.
  const socketOptions = { noDelay: true, timeout: connectTimeoutMs, signal: socketEnd.signal };
  const model = await connect(
    {
      protocol: server.isTls ? 'amqps' : 'amqp',
      hostname: server.host,
      port: server.port,
      vhost: server.path === '' ? '/' : encodeURIComponent(server.path),
      heartbeat: heartbeatSeconds,
      ...(server.username === undefined ? {} : { username: server.username, password: server.password ?? '' }),
    },
    socketOptions,
  );
  // Until the link listens; what happens meanwhile shows in the calls below.
  model.on('error', () => {});
  const publisher = await model.createConfirmChannel();
  const consumer = await model.createChannel();
  for (const channel of [publisher, consumer]) channel.on('error', () => {});
  await consumer.assertExchange(exchange, 'topic', { durable: true });
  const { queue } = await consumer.assertQueue('', { exclusive: true, durable: false });
  return { model, publisher, consumer, queue, socketEnd };
}
