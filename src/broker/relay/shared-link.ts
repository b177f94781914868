import { type Deferred, deferred } from '../../core/deferred.js';
import { visible } from '../../core/visible.js';
import { type Frame, FrameHeaders } from '../../stomp/frame.js';
import type { BrokerMessage, Replay } from '../broker.js';
import type { BrokerLink, LinkEvents } from '../broker-link.js';
import type { StompLink } from '../stomp-link.js';
import { brokerTopic } from './broker-topic.js';
import { openLink } from './open-link.js';
import { messageIn, sendFrame } from './shared-message.js';
import type { StompServer } from './stomp-server.js';

/**
 * A broker that hangs is noticed after 5 s. A node that stands still for some seconds must not lose its link, and with it
 * what is said until it is back, so the broker is promised less than it gets.
 */
const heartbeats = { heartbeatMs: 2_000, promisedMs: 6_000 };

/** Nothing is stored for a node that is away: whether something was missed nobody knows. */
const unknown: Replay = { recovered: false, position: undefined };

interface Follow {
  readonly id: string;
  readonly destination: string;
  readonly inForce: Deferred<Replay>;
}

/**
 * One STOMP connection for all sessions of a node: a subscription for each destination in which the node
 * is interested, and each publish confirmed by the broker's RECEIPT, which on RabbitMQ is a publisher
 * confirm.
 */
export class SharedLink implements BrokerLink {
  readonly #events: LinkEvents;
  readonly #byDestination = new Map<string, Follow>();
  readonly #byId = new Map<string, Follow>();
  #link: StompLink | undefined;
  #made = 0;

  private constructor(events: LinkEvents) {
    this.#events = events;
  }

  /** Rejects with a `LinkFailure`. */
  static async open(server: StompServer, events: LinkEvents): Promise<SharedLink> {
    const shared = new SharedLink(events);
    shared.#link = await openLink(server, heartbeats, {
      frame: (frame) => shared.#received(frame),
      closed: (cause) => shared.#closed(cause),
    });
    return shared;
  }

  publish(message: Omit<BrokerMessage, 'position'>): void {
    const { headers, body } = sendFrame(message);
    this.#link?.send('SEND', headers, body);
  }

  follow(destination: string): Promise<Replay> {
    const known = this.#byDestination.get(destination);
    if (known !== undefined) return known.inForce.promise;
    const follow: Follow = { id: `w-${++this.#made}`, destination, inForce: deferred<Replay>() };
    this.#byDestination.set(destination, follow);
    this.#byId.set(follow.id, follow);
    const { id } = follow;
    this.#link?.send('SUBSCRIBE', FrameHeaders.of({ id, destination: brokerTopic(destination), receipt: id }));
    return follow.inForce.promise;
  }

  unfollow(destination: string): void {
    const follow = this.#byDestination.get(destination);
    if (follow === undefined) return;
    this.#byDestination.delete(destination);
    this.#byId.delete(follow.id);
    // Nobody waits for it any more, whatever the broker answers.
    follow.inForce.resolve(unknown);
    this.#link?.send('UNSUBSCRIBE', FrameHeaders.of({ id: follow.id }));
  }

  async replay(): Promise<Replay> {
    return unknown;
  }

  destroy(cause: Error): void {
    this.#link?.destroy(cause);
  }

  end(): void {
    this.#link?.end();
  }

  #received(frame: Frame): void {
    if (frame.command === 'MESSAGE') return this.#message(frame);
    const id = frame.headers.get('receipt-id') ?? '';
    if (frame.command === 'RECEIPT') {
      const follow = this.#byId.get(id);
      if (follow === undefined) this.#events.confirmed(id);
      else follow.inForce.resolve(unknown);
    } else if (frame.command === 'ERROR') {
      // It may reach a client in a header, which must be able to hold it.
      const reason = `The broker said: ${visible(frame.headers.get('message') ?? 'ERROR').slice(0, 200)}`;
      if (id !== '' && !this.#byId.has(id)) this.#events.refused(id, reason);
      // Some brokers carry on after an ERROR, with less than before: only a new connection is a known state.
      this.#link?.destroy(new Error(reason));
    }
  }

  #message(frame: Frame): void {
    const follow = this.#byId.get(frame.headers.get('subscription') ?? '');
    if (follow === undefined) return this.#events.unwanted(frame.body);
    const message = messageIn(frame, follow.destination);
    if (message === undefined) this.#events.doubtful(follow.destination);
    else this.#events.message(message);
  }

  #closed(cause: Error): void {
    for (const follow of this.#byId.values()) follow.inForce.reject(cause);
    this.#events.closed(cause);
  }
}
