import type { Broker, BrokerEvents } from '../broker/broker.js';
import type { Relay } from '../broker/relay/relay.js';
import { nowMs } from '../core/clock.js';
import { randomToken } from '../core/random.js';
import { isSameSecret } from '../core/secret.js';
import { residentBytes } from '../core/usage.js';
import { handleFrame } from './handlers/registry.js';
import { relayFrames } from './handlers/relay.js';
import { type HttpRoute, type HttpRoutes, type HttpServerOptions, jsonAnswer, textAnswer } from './http.js';
import type { HttpSessions } from './http-sessions/http-sessions.js';
import type { Journal } from './journal.js';
import type { LastMoment } from './last-moment.js';
import type { ServerLimits } from './limits.js';
import { LoadMonitor } from './load-monitor.js';
import { createCounters, formatMetrics, type NodeCounters, type Sample } from './metrics.js';
import { Router } from './router.js';
import type { ServerContext } from './server-context.js';
import { Sessions } from './sessions.js';

/** How often sessions are looked after; heart-beats are sent early by twice this. */
const sweepEveryMs = 100;
/** `/sessions` lists at most so many, and says how many there are. */
const maxListedSessions = 1_000;
/** Connections for plain HTTP (logins, health, metrics) beside those that the limit allows to clients. */
const maxHttpBeside = 1_000;

export interface CoreServerOptions {
  readonly name: string;
  readonly version: string;
  readonly limits: ServerLimits;
  /** Whether clients name their own messages; only behind a run secret. */
  readonly trustsMessageIds: boolean;
  /** The pair that CONNECT must carry; undefined lets everybody in. */
  readonly credential: { readonly login: string; readonly passcode: string } | undefined;
  readonly openBroker: (events: BrokerEvents) => Promise<Broker>;
  /** Who is logged in, where that can be. Not closed with the server. */
  readonly httpSessions?: HttpSessions;
  /** Gives each session a broker connection of its own; then nothing of a client passes through the router. */
  readonly relay?: Relay | undefined;
  /** Not closed with the server. */
  readonly journal?: Journal | undefined;
  readonly lastMoment?: LastMoment | undefined;
}

/** What a relay node and the embedded broker have in common: sessions, router, broker, and their figures. */
export class CoreServer implements AsyncDisposable {
  readonly name: string;
  readonly limits: ServerLimits;
  readonly sessions: Sessions;
  readonly #counters: NodeCounters = createCounters();
  readonly #router: Router;
  readonly #monitor = new LoadMonitor(this.#counters);
  readonly #httpSessions: HttpSessions | undefined;
  readonly #isRelaying: boolean;
  readonly #openedAtMs = nowMs();
  #isDraining = false;

  private constructor(options: CoreServerOptions) {
    this.name = options.name;
    this.limits = options.limits;
    this.#httpSessions = options.httpSessions;
    this.#isRelaying = options.relay !== undefined;
    this.#router = new Router(this.#counters, options.trustsMessageIds, options.journal, options.lastMoment);
    this.sessions = new Sessions(this.#createContext(options));
  }

  /** Resolves when the broker is ready. Nothing listens yet. */
  static async open(options: CoreServerOptions): Promise<CoreServer> {
    const server = new CoreServer(options);
    try {
      server.#router.attach(await options.openBroker(server.#router));
      return server;
    } catch (error) {
      server.#close();
      throw error;
    }
  }

  get broker(): Broker {
    return this.#router.broker;
  }

  /** Why clients are not wanted now, or undefined. */
  notReadyBecause(): string | undefined {
    if (this.#isDraining) return 'The node is draining.';
    return this.#router.isReady ? undefined : 'The broker is away.';
  }

  /** Why no connection is taken, or undefined. A relay tells those that come meanwhile in STOMP, as Spring's does. */
  closedBecause(): string | undefined {
    return this.#isRelaying && !this.#isDraining ? undefined : this.notReadyBecause();
  }

  /** What its HTTP server needs of it. */
  httpOptions(): Pick<HttpServerOptions, 'maxConnections' | 'onFault'> {
    const counters = this.#counters;
    return {
      maxConnections: this.limits.maxConnections + maxHttpBeside,
      onFault: (fault) => counters[fault === 'late' ? 'timedOut' : 'badRequests']++,
    };
  }

  /** `/health`, `/ready`, `/metrics` and `/sessions`. */
  routes(): HttpRoutes {
    return new Map<string, HttpRoute>([
      ['/health', () => jsonAnswer(this.#health())],
      ['/ready', () => this.#ready()],
      ['/metrics', () => this.#metrics()],
      ['/sessions', () => this.#listSessions()],
    ]);
  }

  /** Takes no new clients and closes all sessions with 1001 in batches. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    await this.sessions.drain(1001, 'The node goes away.');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.broker[Symbol.asyncDispose]();
  }

  #close(): void {
    this.sessions.close();
    this.#monitor.close();
  }

  #createContext(options: CoreServerOptions): ServerContext {
    const { limits, credential, relay } = options;
    const origin = randomToken(8);
    let messages = 0;
    return {
      name: options.name,
      serverHeader: `cluster-chat/${options.version}`,
      limits,
      connectLimits: { ...limits, maxHeaderBlockBytes: limits.maxConnectFrameBytes, maxBodyBytes: 0 },
      router: this.#router,
      counters: this.#counters,
      journal: options.journal,
      sweepEveryMs,
      trustsMessageIds: options.trustsMessageIds,
      handleFrame: relay === undefined ? handleFrame : relayFrames(relay),
      authenticate: (login, passcode) =>
        credential === undefined ||
        (isSameSecret(login, credential.login) && isSameSecret(passcode, credential.passcode)),
      nextMessageId: () => `${origin}:${++messages}`,
      isOverloaded: () => this.sessions.unsentBytes > limits.maxTotalUnsentBytes,
      sessionClosed: (session) => this.sessions.closed(session),
    };
  }

  #ready() {
    const reason = this.notReadyBecause();
    return jsonAnswer(
      { ready: reason === undefined, ...(reason === undefined ? {} : { reason }) },
      reason === undefined ? 200 : 503,
    );
  }

  #health() {
    return {
      schema: 'cluster-chat/health@1',
      name: this.name,
      status: this.notReadyBecause() === undefined ? 'ok' : 'not-ready',
      broker: { kind: this.broker.kind, status: this.broker.status },
      connections: this.sessions.size,
      uptimeMs: Math.round(nowMs() - this.#openedAtMs),
      rssBytes: residentBytes(),
      unsentBytes: this.sessions.unsentBytes,
      ...this.#monitor.read(),
    };
  }

  #gauges() {
    return {
      sessions: this.sessions.size,
      subscriptions: this.sessions.subscriptions,
      destinations: this.#router.destinations,
      unsentBytes: this.sessions.unsentBytes,
      rssBytes: residentBytes(),
      loopDelayMs: this.#monitor.read().loopDelayMs,
      ready: this.notReadyBecause() === undefined ? 1 : 0,
    };
  }

  async #metrics() {
    const more = [...historySamples(this.broker), ...((await this.#httpSessions?.samples()) ?? [])];
    return textAnswer(formatMetrics(this.name, this.#counters, this.#gauges(), more));
  }

  /** STOMP sessions one by one, HTTP sessions as a number: what identifies one of those is a secret. */
  async #listSessions() {
    const httpSessions = await this.#httpSessions?.describe();
    const sessions = [];
    const now = nowMs();
    for (const session of this.sessions) {
      if (sessions.length === maxListedSessions) break;
      sessions.push({
        id: session.id,
        transport: session.transport.kind,
        state: session.state.type,
        user: session.user === session.id ? null : session.user,
        version: session.version,
        remoteAddress: session.transport.remoteAddress,
        ageMs: Math.round(now - session.openedAtMs),
        subscriptions: session.destinations(),
        unsentBytes: session.unsentBytes,
      });
    }
    const schema = 'cluster-chat/sessions@1';
    return jsonAnswer({ schema, node: this.name, total: this.sessions.size, sessions, httpSessions });
  }
}

function historySamples({ historyBytes }: Broker): Sample[] {
  if (historyBytes === undefined) return [];
  const help = 'Memory of the messages that are kept for those who come back.';
  return [{ name: 'history_bytes', help, type: 'gauge', value: historyBytes }];
}
