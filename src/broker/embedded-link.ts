import { type Deferred, deferred } from '../core/deferred.js';
import { type Frame, FrameHeaders } from '../stomp/frame.js';
import { type BrokerMessage, BrokerRefusal, type Position, type QueueConsumer, type Replay } from './broker.js';
import type { BrokerLink, LinkEvents } from './broker-link.js';
import { kept } from './kept-message.js';
import { StompLink, type StompLinkOptions } from './stomp-link.js';

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

/** A SUBSCRIBE whose RECEIPT has not come: what was asked for comes before it. */
interface Asked {
  readonly messages: BrokerMessage[];
  readonly answer: Deferred<FrameHeaders>;
}

/**
 * The embedded broker seen from a node: one STOMP connection over TCP, shared by all sessions of the node. Each
 * destination, each request for what was missed and each consumer of a queue is a subscription of its own, so that
 * the broker itself gives every consumer of the cluster its turn. Repeated publishes carry the same id, by which the
 * broker knows them.
 */
export class EmbeddedLink implements BrokerLink {
  readonly #events: LinkEvents;
  /** By the id of the subscription. */
  readonly #asked = new Map<string, Asked>();
  /** Ids of the subscriptions of followed destinations. */
  readonly #followed = new Map<string, string>();
  readonly #consumers = new Map<string, QueueConsumer>();
  #link: StompLink | undefined;
  /** Why it was lost. */
  #cause: Error | undefined;
  #made = 0;

  private constructor(events: LinkEvents) {
    this.#events = events;
  }

  /** Rejects with the reason when the broker does not answer as one within the connect timeout. */
  static async open(options: StompLinkOptions, events: LinkEvents): Promise<EmbeddedLink> {
    const link = new EmbeddedLink(events);
    link.#link = await StompLink.open(options, {
      frame: (frame) => link.#received(frame),
      closed: (cause) => link.#closed(cause),
    });
    return link;
  }

  publish(message: Omit<BrokerMessage, 'position'>): void {
    const flat = ['destination', message.destination, 'message-id', message.id, 'receipt', message.id];
    for (const [name, value] of message.headers) flat.push(name, value);
    this.#link?.send('SEND', new FrameHeaders(flat), message.body);
  }

  follow(destination: string, since: Position | undefined): Promise<Replay> {
    // What comes on a connection comes in order: who is followed already has missed nothing since.
    if (since !== undefined && this.#followed.has(destination)) return this.replay(destination, since);
    const id = this.#newId('w');
    this.#followed.set(destination, id);
    return this.#askFor(id, destination, since);
  }

  unfollow(destination: string): void {
    const id = this.#followed.get(destination);
    this.#followed.delete(destination);
    if (id !== undefined) this.#unsubscribe(id);
  }

  async replay(destination: string, since: Position): Promise<Replay> {
    const id = this.#newId('r');
    const replay = await this.#askFor(id, destination, since);
    this.#unsubscribe(id);
    return replay;
  }

  async consume(consumer: QueueConsumer): Promise<void> {
    const id = this.#newId('q');
    this.#consumers.set(id, consumer);
    const { destination, prefetch } = consumer;
    const more = { ack: 'client-individual', 'prefetch-count': String(prefetch) };
    const { headers } = await this.#subscribe(id, { destination, ...more });
    const refused = headers.get('refused');
    if (refused === undefined) return;
    this.#consumers.delete(id);
    throw new BrokerRefusal(refused);
  }

  stopConsuming(consumer: QueueConsumer): void {
    for (const [id, each] of this.#consumers) {
      if (each !== consumer) continue;
      this.#consumers.delete(id);
      this.#unsubscribe(id);
    }
  }

  destroy(cause: Error): void {
    this.#link?.destroy(cause);
  }

  end(): void {
    this.#link?.end();
  }

  #newId(kind: 'w' | 'r' | 'q'): string {
    return `${kind}-${++this.#made}`;
  }

  async #askFor(id: string, destination: string, since: Position | undefined): Promise<Replay> {
    const where = since === undefined ? {} : { epoch: since.epoch, offset: String(since.offset) };
    const { headers, messages } = await this.#subscribe(id, { destination, ...where });
    const position = positionIn(headers);
    if (position === undefined || headers.get('recovered') === 'false') return { recovered: false, position };
    return { recovered: true, messages, position };
  }

  /** Resolves with the headers of the RECEIPT and what came before it; rejects when the link is lost. */
  async #subscribe(
    id: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<{ headers: FrameHeaders; messages: readonly BrokerMessage[] }> {
    // Nobody would answer any more.
    if (this.#cause !== undefined) throw this.#cause;
    const asked: Asked = { messages: [], answer: deferred<FrameHeaders>() };
    this.#asked.set(id, asked);
    this.#link?.send('SUBSCRIBE', FrameHeaders.of({ id, receipt: id, ...headers }));
    return { headers: await asked.answer.promise, messages: asked.messages };
  }

  #unsubscribe(id: string): void {
    this.#link?.send('UNSUBSCRIBE', FrameHeaders.of({ id }));
  }

  #received(frame: Frame): void {
    if (frame.command === 'MESSAGE') return this.#message(frame);
    if (frame.command === 'RECEIPT') return this.#receipt(frame.headers);
    if (frame.command === 'ERROR') {
      const reason = `The broker said: ${frame.headers.get('message') ?? 'ERROR'}`;
      this.#events.refused(frame.headers.get('receipt-id') ?? '', reason);
      this.#link?.destroy(new Error(reason));
    }
  }

  #message(frame: Frame): void {
    const id = frame.headers.get('subscription') ?? '';
    if (id.startsWith('q-')) return this.#queueMessage(id, frame);
    const asked = this.#asked.get(id);
    if (asked !== undefined) asked.messages.push(kept(messageIn(frame)));
    else if (id.startsWith('w-')) this.#events.message(messageIn(frame));
  }

  /** To a consumer that has ended nothing is handed on: its UNSUBSCRIBE brings the message back to the queue. */
  #queueMessage(id: string, frame: Frame): void {
    const consumer = this.#consumers.get(id);
    const ack = frame.headers.get('ack') ?? '';
    let isSettled = false;
    const settle = (command: 'ACK' | 'NACK'): void => {
      if (isSettled || !this.#consumers.has(id)) return;
      isSettled = true;
      this.#link?.send(command, FrameHeaders.of({ id: ack }));
    };
    consumer?.deliver({
      message: kept(messageIn(frame, queueHeaders)),
      isRedelivered: frame.headers.get('redelivered') === 'true',
      accept: () => settle('ACK'),
      release: () => settle('NACK'),
    });
  }

  #receipt(headers: FrameHeaders): void {
    const id = headers.get('receipt-id') ?? '';
    const asked = this.#asked.get(id);
    const refused = headers.get('refused');
    if (asked !== undefined) {
      this.#asked.delete(id);
      asked.answer.resolve(headers);
    } else if (refused !== undefined) this.#events.refused(id, refused);
    else this.#events.confirmed(id);
  }

  #closed(cause: Error): void {
    this.#cause = cause;
    this.#consumers.clear();
    for (const { answer } of this.#asked.values()) answer.reject(cause);
    this.#asked.clear();
    this.#events.closed(cause);
  }
}
