import { nowMicros } from '../core/clock.js';
import type { FrameHeaders } from '../stomp/frame.js';
import type { ClientHost, ClientProfile } from './client-host.js';
import type { Connection, IncomingMessage } from './connection.js';
import { subscribedAs } from './private-destination.js';
import { receiveMessage } from './subscriber.js';
import { createSubscription, type Subscription } from './subscription.js';

const noHeaders: Readonly<Record<string, string>> = {};
/** Our nodes then tell when messages are lost later; other servers do not know it. */
const wantsRecovery: Readonly<Record<string, string>> = { recover: 'true' };
const decimal = /^\d{1,10}$/;

/** Where a client is connected: what its subscriptions have to know of it. */
export interface Presence {
  readonly connection: Connection;
  readonly session: number;
  readonly node: number;
}

/**
 * Everything that one client listens to, through all its sessions: asked for, confirmed, recovered where it is promised,
 * and proven to the fences and canaries.
 */
export class Subscriptions {
  readonly #host: ClientHost;
  readonly #profile: ClientProfile;
  readonly #client: number;
  readonly #user: string | undefined;
  readonly #all: readonly Subscription[];
  #presence: Presence | undefined;
  #session = 0;
  /** Whether it unsubscribed and has not come back since. */
  #isAbsent = false;
  /** Its part of `Tally.forsaken`. */
  #forsaken = 0;
  /** Told whenever one more was confirmed. */
  readonly #onConfirmed: () => void;

  constructor(
    host: ClientHost,
    profile: ClientProfile,
    client: number,
    user: string | undefined,
    onConfirmed: () => void,
  ) {
    this.#host = host;
    this.#profile = profile;
    this.#client = client;
    this.#user = user;
    this.#onConfirmed = onConfirmed;
    const destinations = host.plan.clients[client]?.subscribes ?? [];
    this.#all = destinations.map((destination, id) => createSubscription(client, id, destination));
  }

  /** Whether a SUBSCRIBE waits for its confirmation. */
  get isWaiting(): boolean {
    return this.#all.some((one) => one.state === 'written' || one.state === 'asked');
  }

  /** A session began: asks for everything, unless the profile never does so again. */
  opened(presence: Presence): void {
    this.#presence = presence;
    this.#session = presence.session;
    this.#isAbsent = false;
    for (const subscription of this.#all) {
      if (presence.session === 1 || this.#profile.reconnect.resubscribes) this.#subscribe(presence, subscription);
      else {
        this.#forsake(this.#forsaken + 1);
        this.#host.canaries.expects(subscription, presence.connection, presence.session, nowMicros());
      }
    }
  }

  /** The session has ended, and with it all that it had subscribed. */
  closed(): void {
    for (const subscription of this.#all) {
      if (subscription.state === 'confirmed') this.#forget(subscription);
      else this.#host.fences.lost(subscription);
      this.#host.canaries.gone(subscription);
      subscription.state = 'off';
    }
    this.#forsake(0);
    this.#presence = undefined;
  }

  /** Ends one. Its window ends here, whatever the server still sends. */
  unsubscribe(destination: number): void {
    const subscription = this.#all.find((one) => one.destination === destination);
    if (subscription?.state !== 'confirmed' || this.#presence === undefined) return;
    this.#isAbsent = true;
    this.#forget(subscription);
    this.#forsake(this.#forsaken + 1);
    subscription.state = 'unsubscribing';
    this.#record('unsubscribe-written', subscription);
    this.#presence.connection.unsubscribe(subscription.id, `u${subscription.id}`);
  }

  unsubscribeAll(): void {
    for (const { destination } of this.#all) this.unsubscribe(destination);
  }

  /**
   * The end of an absence, which asks for what is off, also while the rest waits for its confirmation. What is still
   * being unsubscribed is asked for when that is confirmed.
   */
  subscribeAgain(isInSession: boolean): void {
    this.#isAbsent = false;
    this.#forsake(0);
    if (!isInSession || this.#presence === undefined) return;
    for (const one of this.#all) if (one.state === 'off') this.#subscribeAfresh(this.#presence, one);
  }

  message(message: IncomingMessage): void {
    const subscription = this.#all[message.subscription];
    const isFence = receiveMessage(this.#host, this.#client, this.#session, subscription, message);
    if (!isFence || subscription === undefined) return;
    const { fences, reading } = this.#host;
    const origin = reading.publisher;
    // The proof that a server without RECEIPTs gives. Where a replay was asked for, the fence may be an old one.
    if (subscription.state === 'written') this.#confirm(subscription, message.atMicros, undefined);
    fences.arrived(subscription, origin);
  }

  /** The RECEIPT of a SUBSCRIBE came. @param number of the subscription */
  subscribed(number: number, headers: FrameHeaders): void {
    const subscription = this.#all[number];
    if (subscription === undefined) return;
    const isFirstProof = subscription.state === 'written' || subscription.state === 'asked';
    // A fence may have overtaken the RECEIPT; then messages know the position better.
    if (!isFirstProof && (subscription.state !== 'confirmed' || subscription.offset !== undefined)) return;
    const epoch = headers.get('epoch');
    const offset = headers.get('offset');
    if (epoch !== undefined && offset !== undefined && decimal.test(offset)) {
      subscription.epoch = epoch;
      subscription.offset = Number(offset);
    }
    const said = headers.get('recovered');
    if (isFirstProof) this.#confirm(subscription, nowMicros(), said === undefined ? undefined : said === 'true');
  }

  /** The RECEIPT of an UNSUBSCRIBE came. @param number of the subscription */
  unsubscribed(number: number): void {
    const subscription = this.#all[number];
    if (subscription?.state !== 'unsubscribing') return;
    subscription.state = 'off';
    this.#record('unsubscribe-confirmed', subscription);
    if (!this.#isAbsent && this.#presence !== undefined) this.#subscribeAfresh(this.#presence, subscription);
  }

  /** What was said while it did not want to hear is not asked for. */
  #subscribeAfresh(presence: Presence, subscription: Subscription): void {
    subscription.epoch = undefined;
    subscription.offset = undefined;
    this.#subscribe(presence, subscription);
  }

  #subscribe({ connection }: Presence, subscription: Subscription): void {
    const { epoch, offset } = subscription;
    const asks = this.#profile.recovers && epoch !== undefined && offset !== undefined;
    subscription.state = asks ? 'asked' : 'written';
    const withoutPosition = this.#profile.recovers ? wantsRecovery : noHeaders;
    const position = asks ? { epoch, offset: String(offset) } : withoutPosition;
    this.#record('subscribe-written', subscription);
    subscription.writtenAtMicros = nowMicros();
    this.#host.fences.asked(subscription);
    const name = this.#host.plan.destinations[subscription.destination] ?? '';
    connection.subscribe(subscription.id, subscribedAs(name, this.#user), position, `s${subscription.id}`);
  }

  #confirm(subscription: Subscription, atMicros: number, recovered: boolean | undefined): void {
    const session = this.#session;
    subscription.state = 'confirmed';
    subscription.confirmedAtMicros = atMicros;
    if (this.#presence !== undefined) subscription.node = this.#presence.node;
    this.#host.tally.confirmed++;
    const { destination } = subscription;
    const fact = { client: this.#client, session, destination, atMicros, recovered };
    this.#host.recorder.session({ type: 'subscription-confirmed', ...fact });
    this.#host.fences.confirmed(subscription);
    if (this.#presence !== undefined) {
      this.#host.canaries.expects(subscription, this.#presence.connection, session, atMicros);
    }
    this.#onConfirmed();
  }

  #forget(subscription: Subscription): void {
    this.#host.tally.confirmed--;
    this.#host.fences.lost(subscription);
    this.#host.canaries.gone(subscription);
  }

  /** So many it does not want now. Whatever it counted before is replaced, so that the sum of all clients stays right. */
  #forsake(count: number): void {
    this.#host.tally.forsaken += count - this.#forsaken;
    this.#forsaken = count;
  }

  #record(
    type: 'subscribe-written' | 'unsubscribe-written' | 'unsubscribe-confirmed',
    { destination }: Subscription,
  ): void {
    const { recorder } = this.#host;
    recorder.session({ type, client: this.#client, session: this.#session, destination, atMicros: nowMicros() });
  }
}
