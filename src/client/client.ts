import { nowMicros } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { publishOutcome, unknownNode } from '../record/history.js';
import type { FrameHeaders } from '../stomp/frame.js';
import type { ClientHost, ClientProfile } from './client-host.js';
import { isLoginDemand, machineLimitOf } from './connect-failure.js';
import type { Connection, ConnectionClosed, ConnectionEvents, IncomingMessage } from './connection.js';
import { Publisher } from './publisher.js';
import { reconnectDelayMs } from './reconnect-profiles.js';
import { Subscriptions } from './subscriptions.js';
import { WebSession } from './web-session.js';

/**
 * idle → (logging-in →) connecting → subscribing → ready; from any of them, by a loss, to waiting and back to connecting;
 * `logged-out` is a connection that found its HTTP session gone, on the way back to logging-in; `closing` is
 * the goodbye at the end, `closed` for good.
 */
export type ClientState =
  | 'idle'
  | 'logging-in'
  | 'connecting'
  | 'logged-out'
  | 'subscribing'
  | 'ready'
  | 'waiting'
  | 'closing'
  | 'closed';

/** Who reads on after a while has read what waited for it so much later. */
const backlogMicros = 5_000_000;
const decimal = /^\d{1,10}$/;

/** One simulated user: the same person over any number of connections. What it sees it tells the recorder. */
export class Client implements ConnectionEvents {
  readonly index: number;
  readonly publisher: Publisher | undefined;
  readonly #host: ClientHost;
  readonly #profile: ClientProfile;
  readonly #subscriptions: Subscriptions;
  readonly #user: string | undefined;
  readonly #web: WebSession | undefined;
  #state: ClientState = 'idle';
  #connection: Connection | undefined;
  #session = 0;
  /** The last session whose end was recorded. */
  #closedSession = 0;
  #node = unknownNode;
  /** Failed attempts since it was last ready. */
  #attempt = 0;
  /** Whether the loss that comes was asked for by `rush`. */
  #isRushing = false;
  /** When it stopped reading its connection, Infinity if never, and when it read on. */
  #unreadSinceMicros = Infinity;
  #readOnAtMicros = Infinity;
  #url: number;
  /** There only after the first loss. */
  #random: Random | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param user as whom it connects; undefined for nobody in particular */
  constructor(host: ClientHost, profile: ClientProfile, index: number, user?: string) {
    this.index = index;
    this.#host = host;
    this.#profile = profile;
    this.#url = index % profile.urls.length;
    this.#user = user;
    this.#web = user !== undefined && profile.session ? new WebSession(index, user, host.recorder) : undefined;
    this.#subscriptions = new Subscriptions(host, profile, index, user, () => this.#checkReady());
    const to = host.plan.clients[index]?.publishes[0];
    this.publisher = to === undefined ? undefined : new Publisher(host, profile, index, to);
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Opens the first connection. From then on it comes back by itself, as its profile says. */
  start(): void {
    if (this.#state === 'idle') this.#connect();
  }

  /** The number of its session, the last one while it has none. */
  get session(): number {
    return this.#session;
  }

  /** Whether it is in that session at this moment. */
  isIn(session: number): boolean {
    return this.#session === session && (this.#state === 'subscribing' || this.#state === 'ready');
  }

  /** Tears its connection down and opens the next one at once, whatever its profile says. @returns false without a session */
  rush(): boolean {
    if (this.#connection === undefined || !this.isIn(this.#session)) return false;
    this.#isRushing = true;
    this.#connection.terminate();
    return true;
  }

  /** Stops reading over the connection that it has, or reads on. @returns false where there is nothing to change */
  setReading(isReading: boolean): boolean {
    const isChanged = this.#connection?.setReading(isReading) ?? false;
    if (isChanged && isReading) this.#readOnAtMicros = nowMicros();
    if (isChanged && !isReading) [this.#unreadSinceMicros, this.#readOnAtMicros] = [nowMicros(), Infinity];
    return isChanged;
  }

  /** Ends one subscription. Its window ends here, whatever the server still sends. */
  unsubscribe(destination: number): void {
    this.#subscriptions.unsubscribe(destination);
  }

  /** Ends all subscriptions for a while, as somebody who closes a room. The connection stays. */
  unsubscribeAll(): void {
    this.#subscriptions.unsubscribeAll();
  }

  /** The end of such a while; without effect on a client that is subscribed. */
  subscribeAgain(): void {
    this.#subscriptions.subscribeAgain(this.isIn(this.#session));
  }

  /** Goodbye for good, or a hard end where the profile says so; `state` becomes `closed` when it is over. Messages never written are accounted for here. */
  close(): void {
    clearTimeout(this.#timer);
    this.#web?.cancel();
    this.publisher?.abandonHeld();
    if (this.#connection === undefined) this.#state = 'closed';
    else if (this.#state !== 'closing') {
      const isOpen = this.#state === 'ready' || this.#state === 'subscribing';
      if (isOpen) this.#host.tally.connected--;
      this.#state = 'closing';
      if (this.#profile.leavesHard) this.#connection.terminate();
      else this.#connection.disconnect();
    }
  }

  connected(headers: FrameHeaders): void {
    const { recorder, tally, plan } = this.#host;
    const id = headers.get('session');
    if (this.#state !== 'connecting' || this.#connection === undefined) return;
    if (this.#web?.recognise(headers.get('user-name')) === 'lost') return this.#loggedOut(this.#connection);
    this.#state = 'subscribing';
    this.#session++;
    const named = plan.nodes.indexOf(headers.get('node') ?? '');
    this.#node = named >= 0 ? named : this.#profile.isDirect ? this.#url : unknownNode;
    tally.connected++;
    this.publisher?.opened(this.#session);
    recorder.session({
      type: 'session-opened',
      client: this.index,
      session: this.#session,
      node: this.#node,
      ...(id === undefined ? {} : { id }),
      atMicros: nowMicros(),
    });
    this.#subscriptions.opened({ connection: this.#connection, session: this.#session, node: this.#node });
    this.#checkReady();
  }

  message(message: IncomingMessage): void {
    this.#subscriptions.message(message);
  }

  receipt(id: string, headers: FrameHeaders): void {
    const number = id.slice(1);
    if (!decimal.test(number)) return;
    if (id[0] === 'm') this.publisher?.settled(Number(number), publishOutcome.acked);
    else if (id[0] === 's') this.#subscriptions.subscribed(Number(number), headers);
    else if (id[0] === 'u') this.#subscriptions.unsubscribed(Number(number));
  }

  /** The server closes after an ERROR; all that matters here is which publish it was for. */
  error(headers: FrameHeaders, body: string): void {
    const id = headers.get('receipt-id') ?? '';
    this.#host.tally.lastConnectError = headers.get('message') ?? body;
    if (id[0] === 'm' && decimal.test(id.slice(1))) {
      this.publisher?.settled(Number(id.slice(1)), publishOutcome.rejected);
    }
  }

  closed(close: ConnectionClosed): void {
    const before = this.#state;
    this.#connection = undefined;
    if (before === 'subscribing' || before === 'ready') this.#host.tally.connected--;
    if (this.#session > this.#closedSession) this.#sessionClosed(close, before === 'closing');
    else if (before === 'connecting') this.#connectFailed(close);
    if (before === 'closing') this.#state = 'closed';
    // The user sees the login form at once, not after the delay of a reconnect.
    else if (before === 'logged-out' || this.#isRushing) this.#connect();
    else this.#comeBack();
  }

  #loggedOut(connection: Connection): void {
    this.#state = 'logged-out';
    connection.terminate();
  }

  #connectFailed(close: ConnectionClosed): void {
    const { tally } = this.#host;
    if (isLoginDemand(close.cause)) this.#web?.recognise(undefined);
    tally.failedConnects++;
    tally.lastConnectError =
      close.cause === undefined ? `closed with ${close.code} ${close.reason}` : messageOf(close.cause);
    this.#url = (this.#url + 1) % this.#profile.urls.length;
    const limit = machineLimitOf(close.cause);
    if (limit !== undefined) this.#host.onFatal(limit);
  }

  #sessionClosed(close: ConnectionClosed, intended: boolean): void {
    this.publisher?.lost();
    this.#subscriptions.closed();
    this.#closedSession = this.#session;
    const atMicros = nowMicros();
    const hasWaited = atMicros - this.#readOnAtMicros < backlogMicros && this.#unreadSinceMicros < Infinity;
    this.#host.recorder.session({
      type: 'session-closed',
      client: this.index,
      session: this.#session,
      atMicros,
      lastByteAtMicros: close.lastByteAtMicros,
      ...(hasWaited ? { unreadMs: Math.round((atMicros - this.#unreadSinceMicros) / 1000) } : {}),
      closeCode: close.code,
      intended,
    });
    this.#unreadSinceMicros = Infinity;
  }

  #comeBack(): void {
    this.#random ??= this.#host.random.fork(`reconnect-${this.index}`);
    const { profile, ...numbers } = this.#profile.reconnect;
    const delayMs = reconnectDelayMs(profile, this.#attempt++, { ...numbers, random: this.#random });
    this.#state = delayMs === undefined ? 'closed' : 'waiting';
    if (delayMs !== undefined) this.#timer = setTimeout(() => this.#connect(), delayMs);
  }

  #connect(): void {
    this.#timer = undefined;
    this.#isRushing = false;
    if (this.#web?.needsLogin !== true) return this.#open();
    const { urls, connectTimeoutMs } = this.#profile;
    this.#state = 'logging-in';
    this.#web.logIn(urls[this.#url] ?? '', connectTimeoutMs, (error) => {
      if (error === undefined) return this.#open();
      this.#connectFailed({ code: 1006, reason: '', lastByteAtMicros: 0, cause: error });
      this.#comeBack();
    });
  }

  #open(): void {
    const { engine, urls, headers, host, login, passcode, heartbeatMs, connectTimeoutMs } = this.#profile;
    this.#state = 'connecting';
    this.#connection = engine.open({
      url: urls[this.#url] ?? '',
      headers,
      cookies: this.#web?.cookies,
      host,
      // Whoever has logged in over HTTP is known by the cookie.
      login: this.#web === undefined ? (this.#user ?? login) : login,
      passcode,
      heartbeat: { sendMs: heartbeatMs, wantMs: heartbeatMs },
      connectTimeoutMs,
      events: this,
    });
  }

  /** Ready means that nothing is missing any more: only then it sends. */
  #checkReady(): void {
    if (this.#state !== 'subscribing' || this.#connection === undefined) return;
    if (this.#subscriptions.isWaiting) return;
    this.#state = 'ready';
    this.#attempt = 0;
    this.publisher?.ready(this.#connection);
  }
}
