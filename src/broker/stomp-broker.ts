import { AppError, messageOf } from '../core/errors.js';
import { type Frame, FrameHeaders } from '../stomp/frame.js';
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
import { Outstanding } from './outstanding.js';
import { reconnect } from './reconnect.js';
import { RemoteConsumers } from './remote-consumers.js';
import { ReplayRequests } from './replay-requests.js';
import { StompLink, type StompLinkOptions } from './stomp-link.js';
import { Watches } from './watches.js';

/** Headers of a MESSAGE that are STOMP's or the broker's, not the publisher's. */
const brokerHeaders = new Set(['message-id', 'subscription', 'destination', 'epoch', 'offset', 'content-length']);
const queueHeaders = new Set([...brokerHeaders, 'ack', 'redelivered']);

function positionIn(headers: FrameHeaders): Position | undefined {
  const epoch = headers.get('epoch');
  const offset = Number(headers.get('offset'));
  return epoch === undefined || !Number.isSafeInteger(offset) ? undefined : { epoch, offset };
}

function messageIn(frame: Frame, notThePublishers = brokerHeaders): BrokerMessage {
  return {
    destination: frame.headers.get('destination') ?? '',
    id: frame.headers.get('message-id') ?? '',
    headers: frame.headers.without(notThePublishers),
    body: frame.body,
    position: positionIn(frame.headers),
  };
}

export interface StompBrokerOptions extends StompLinkOptions {}

/**
 * The embedded broker seen from a node: one STOMP connection over TCP, shared by all sessions of the
 * node. When it is lost the node connects again with full jitter, takes up every interest at the
 * position it had (so that what was missed is replayed), sends again what was not confirmed, and only
 * then calls itself ready. Repeated publishes carry the same id, by which the broker knows them.
 */
export class StompBroker implements Broker {
  readonly kind = 'embedded';
  readonly guarantees: Guarantees = {
    delivery: 'at-least-once',
    order: 'per-publisher',
    history: 'bounded',
    reach: 'cluster',
    queues: 'bounded',
  };
  status: BrokerStatus = 'connecting';
  readonly #options: StompBrokerOptions;
  readonly #events: BrokerEvents;
  readonly #outstanding = new Outstanding();
  readonly #watches: Watches;
  readonly #replays: ReplayRequests;
  readonly #consumers = new RemoteConsumers();
  readonly #closing = new AbortController();
  #link: StompLink | undefined;
  readonly #expiry: NodeJS.Timeout;

  private constructor(options: StompBrokerOptions, events: BrokerEvents) {
    this.#options = options;
    this.#events = events;
    this.#watches = new Watches((destination, position) => events.gap(destination, position));
    this.#replays = new ReplayRequests();
    this.#expiry = setInterval(() => {
      this.#outstanding.refuseExpired();
      this.#watches.refuseExpired();
      this.#replays.refuseExpired();
      this.#consumers.refuseExpired();
    }, 250);
    this.#expiry.unref();
  }

  /** Resolves when the broker is ready. Rejects with `broker-unreachable` when it is not within the connect timeout. */
  static async open(options: StompBrokerOptions, events: BrokerEvents): Promise<StompBroker> {
    const broker = new StompBroker(options, events);
    try {
      await broker.#connect();
    } catch (error) {
      await broker[Symbol.asyncDispose]();
      throw new AppError(
        'broker-unreachable',
        `The broker at ${options.host}:${options.port} cannot be used: ${messageOf(error)}.`,
        {
          hint: 'Start it, or name another with --broker; "embedded" needs no server.',
          cause: error,
        },
      );
    }
    return broker;
  }

  publish(message: Omit<BrokerMessage, 'position'>): Promise<void> {
    if (this.status === 'closed') return Promise.reject(new BrokerRefusal('The broker connection is closed.'));
    const confirmed = this.#outstanding.add(message);
    // What was refused because too much is outstanding must not be sent all the same.
    if (this.status === 'ready' && this.#outstanding.has(message.id)) this.#sendPublish(message);
    return confirmed;
  }

  watch(destination: string): Promise<Position | undefined> {
    if (this.status === 'closed') return Promise.reject(new BrokerRefusal('The broker connection is closed.'));
    const isNew = this.#watches.add(destination);
    if (isNew && this.#link !== undefined) this.#subscribe(this.#link, destination);
    return this.#watches.inForce(destination);
  }

  unwatch(destination: string): void {
    const id = this.#watches.remove(destination);
    if (id !== undefined) this.#link?.send('UNSUBSCRIBE', FrameHeaders.of({ id }));
  }

  replay(destination: string, since: Position): Promise<Replay> {
    if (this.status === 'closed') return Promise.reject(new BrokerRefusal('The broker connection is closed.'));
    const { request, replay } = this.#replays.add(destination, since);
    if (this.#link !== undefined && this.status === 'ready') this.#replays.send(this.#link, request);
    return replay;
  }

  consume(consumer: QueueConsumer): Promise<void> {
    if (this.status === 'closed') return Promise.reject(new BrokerRefusal('The broker connection is closed.'));
    const { headers, inForce } = this.#consumers.add(consumer);
    this.#link?.send('SUBSCRIBE', headers);
    return inForce;
  }

  stopConsuming(consumer: QueueConsumer): void {
    const id = this.#consumers.remove(consumer);
    if (id !== undefined) this.#link?.send('UNSUBSCRIBE', FrameHeaders.of({ id }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.status === 'closed') return;
    this.#become('closed');
    clearInterval(this.#expiry);
    this.#closing.abort();
    this.#outstanding.refuseAll('This node is closing.');
    this.#watches.refuseAll('This node is closing.');
    this.#replays.refuseAll('This node is closing.');
    this.#consumers.refuseAll('This node is closing.');
    this.#link?.end();
  }

  async #connect(): Promise<void> {
    const link = await StompLink.open(this.#options, {
      frame: (frame) => this.#received(frame),
      closed: () => this.#lost(),
    });
    if (this.#closing.signal.aborted) return link.end();
    this.#link = link;
    for (const destination of this.#watches.destinations()) this.#subscribe(link, destination);
    // Not waited for: until its consumers are back a queue keeps its messages.
    for (const headers of this.#consumers.subscribeHeaders()) link.send('SUBSCRIBE', headers);
    await this.#watches.allInForce(this.#closing.signal);
    if (this.#link !== link) throw new Error('The connection was lost while interest was taken up again.');
    // Ready before the unconfirmed publishes go out again, so that new ones queue behind them, not before.
    this.#become('ready');
    for (const publish of this.#outstanding.messages()) this.#sendPublish(publish.message);
    this.#replays.sendAll(link);
  }

  #lost(): void {
    this.#link = undefined;
    this.#watches.connectionLost();
    this.#replays.connectionLost();
    if (this.status !== 'ready') return;
    this.#become('away');
    void reconnect(() => this.#connectAgain(), this.#closing.signal);
  }

  async #connectAgain(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      this.#link?.destroy(new Error('Taking up the connection again failed.'));
      throw error;
    }
  }

  #subscribe(link: StompLink, destination: string): void {
    const headers = this.#watches.subscribeHeaders(destination);
    if (headers !== undefined) link.send('SUBSCRIBE', headers);
  }

  #sendPublish(message: Omit<BrokerMessage, 'position'>): void {
    const flat = ['destination', message.destination, 'message-id', message.id, 'receipt', message.id];
    for (const [name, value] of message.headers) flat.push(name, value);
    this.#link?.send('SEND', new FrameHeaders(flat), message.body);
  }

  #received(frame: Frame): void {
    if (frame.command === 'MESSAGE') return this.#message(frame);
    if (frame.command === 'RECEIPT') return this.#receipt(frame.headers);
    if (frame.command === 'ERROR') {
      const reason = `The broker said: ${frame.headers.get('message') ?? 'ERROR'}`;
      this.#outstanding.refuse(frame.headers.get('receipt-id') ?? '', reason);
      this.#link?.destroy(new Error(reason));
    }
  }

  #message(frame: Frame): void {
    const subscription = frame.headers.get('subscription') ?? '';
    if (this.#consumers.owns(subscription)) return this.#queueMessage(subscription, frame);
    const message = messageIn(frame);
    if (this.#replays.collect(subscription, message)) return;
    if (this.#watches.advance(subscription, message)) this.#events.message(message);
  }

  #queueMessage(subscription: string, frame: Frame): void {
    const link = this.#link;
    const id = frame.headers.get('ack') ?? '';
    this.#consumers.deliver(subscription, {
      message: messageIn(frame, queueHeaders),
      isRedelivered: frame.headers.get('redelivered') === 'true',
      // With the connection the broker takes back what was not settled; the id means nothing on another one.
      settle: (command) => {
        if (this.#link === link) link?.send(command, FrameHeaders.of({ id }));
      },
    });
  }

  #receipt(headers: FrameHeaders): void {
    const id = headers.get('receipt-id') ?? '';
    const refused = headers.get('refused');
    if (this.#consumers.confirm(id, refused)) return;
    if (refused !== undefined) return this.#outstanding.refuse(id, refused);
    const answer = { recovered: headers.get('recovered'), position: positionIn(headers) };
    if (this.#watches.confirm(id, answer)) return;
    const replayed = this.#replays.confirm(id, answer);
    if (replayed !== undefined) this.#link?.send('UNSUBSCRIBE', FrameHeaders.of({ id: replayed }));
    else this.#outstanding.confirm(id);
  }

  #become(status: BrokerStatus): void {
    if (this.status === status || this.status === 'closed') return;
    this.status = status;
  }
}
