import { createHash } from 'node:crypto';
import { randomToken } from '../../core/random.js';
import type { Sample } from '../metrics.js';
import { openSessionStore } from './open-store.js';
import { sessionIdIn } from './session-cookie.js';
import type { SessionStore } from './session-store.js';

export interface HttpSessionsOptions {
  /** `memory` or the URL of Redis. */
  readonly address: string;
  /** A session that is not used for so long ends. */
  readonly idleMs: number;
  readonly maxSessions: number;
  readonly log: (line: string) => void;
}

/** A session that lives, as a request or handshake found it. */
export interface FoundSession {
  readonly key: string;
  readonly user: string;
}

/** A tenth of a second at least, however short the idle time of a test is. */
const shortestRenewalMs = 100;

/** The key of a session in the store: the id, which is a secret, cannot be had from it. */
function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}

/**
 * The HTTP sessions of one node: who is logged in. A session lives as long as it is used, and an open
 * WebSocket uses it all the time: otherwise a user who only listens would be logged out by the clock.
 */
export class HttpSessions implements AsyncDisposable {
  readonly #store: SessionStore;
  readonly #idleMs: number;
  /** Sessions with an open WebSocket here, each with what ends it. */
  readonly #held = new Map<string, Set<() => void>>();
  readonly #counts = { logins: 0, loginsRefused: 0, notFound: 0 };
  readonly #renewal: NodeJS.Timeout;
  #isRenewing = false;

  private constructor(store: SessionStore, idleMs: number) {
    this.#store = store;
    this.#idleMs = idleMs;
    // Three times within the idle time, so that one failure does not log anybody out.
    this.#renewal = setInterval(() => void this.#renew(), Math.max(shortestRenewalMs, idleMs / 3));
    this.#renewal.unref();
  }

  /** @throws AppError `usage` for an address that is none, `sessions-unreachable` when it does not answer */
  static async open({ idleMs, ...options }: HttpSessionsOptions): Promise<HttpSessions> {
    return new HttpSessions(await openSessionStore(options), idleMs);
  }

  get storeKind(): SessionStore['kind'] {
    return this.#store.kind;
  }

  /**
   * A new session, with a new id whatever the browser had: an id that somebody planted there gains nothing.
   * @param cookie the request's `Cookie` header; the session in it ends
   * @returns the id, or undefined when there is no room. Rejects with `StoreAway`.
   */
  async login(user: string, cookie: string | undefined): Promise<string | undefined> {
    const id = randomToken(16);
    if (!(await this.#store.create(keyOf(id), user, this.#idleMs))) {
      this.#counts.loginsRefused++;
      return undefined;
    }
    this.#counts.logins++;
    await this.logout(cookie);
    return id;
  }

  /** A login that was refused before it came here. */
  noteRefusedLogin(): void {
    this.#counts.loginsRefused++;
  }

  /** Ends the session of a cookie, and with it the WebSockets that were opened with it here. Rejects with `StoreAway`. */
  async logout(cookie: string | undefined): Promise<void> {
    const id = sessionIdIn(cookie);
    if (id === undefined) return;
    await this.#store.remove(keyOf(id));
    this.#endHeld(keyOf(id));
  }

  /** The session of a cookie, whose idle time begins anew; undefined when it has none. Rejects with `StoreAway`. */
  async find(cookie: string | undefined): Promise<FoundSession | undefined> {
    const id = sessionIdIn(cookie);
    if (id === undefined) return undefined;
    const key = keyOf(id);
    const user = await this.#store.touch(key, this.#idleMs);
    if (user !== undefined) return { key, user };
    this.#counts.notFound++;
    return undefined;
  }

  /**
   * Keeps a session alive until the returned function is called.
   * @param end called when the session ends before that: a logout, here or on another node
   */
  hold(key: string, end: () => void): () => void {
    const holders = this.#held.get(key) ?? new Set();
    this.#held.set(key, holders.add(end));
    return () => {
      holders.delete(end);
      if (holders.size === 0 && this.#held.get(key) === holders) this.#held.delete(key);
    };
  }

  /** For `/sessions`. The total counts the sessions of all nodes that share the store; null while it is away. */
  async describe(): Promise<{ store: string; total: number | null; withWebSocket: number }> {
    const total = await this.#store.count().catch(() => null);
    return { store: this.storeKind, total, withWebSocket: this.#held.size };
  }

  /** For `/metrics`. */
  async samples(): Promise<Sample[]> {
    const { total, withWebSocket } = await this.describe();
    const { logins, loginsRefused, notFound } = this.#counts;
    const store = 'HTTP sessions in the store, those of other nodes included; NaN while it is away.';
    return [
      { name: 'http_sessions', help: store, type: 'gauge', value: total ?? Number.NaN },
      { name: 'http_sessions_held', help: 'HTTP sessions with a WebSocket here.', type: 'gauge', value: withWebSocket },
      { name: 'logins_total', help: 'HTTP sessions begun here.', type: 'counter', value: logins },
      { name: 'refused_logins_total', help: 'Logins that were refused.', type: 'counter', value: loginsRefused },
      {
        name: 'http_sessions_not_found_total',
        help: 'Requests and handshakes with the cookie of a session that is unknown or expired.',
        type: 'counter',
        value: notFound,
      },
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#renewal);
    await this.#store[Symbol.asyncDispose]();
  }

  async #renew(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      for (const key of [...this.#held.keys()]) {
        if ((await this.#store.touch(key, this.#idleMs)) === undefined) this.#endHeld(key);
      }
    } catch {
      // The store is away, which it has said itself: nobody is logged out for that, the next round asks again.
    } finally {
      this.#isRenewing = false;
    }
  }

  #endHeld(key: string): void {
    const holders = this.#held.get(key);
    this.#held.delete(key);
    for (const end of holders ?? []) end();
  }
}
