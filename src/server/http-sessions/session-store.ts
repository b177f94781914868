/**
 * Where HTTP sessions live. A store knows a session by a key that the cookie cannot be found from, so
 * that whoever reads the store cannot become a user.
 */
export interface SessionStore extends AsyncDisposable {
  readonly kind: 'memory' | 'redis';
  /**
   * Keeps a new session for `idleMs`.
   * @returns false when the store is full: a new login waits, those who are logged in stay
   */
  create(key: string, user: string, idleMs: number): Promise<boolean>;
  /** The user of a session that lives, whose time begins anew; undefined for any other key. */
  touch(key: string, idleMs: number): Promise<string | undefined>;
  /** Ends a session; without effect for one that does not live. */
  remove(key: string): Promise<void>;
  /** How many sessions live in the store, those of other nodes included. */
  count(): Promise<number>;
}

/** The store does not answer: nobody can be logged in, and nobody can be found logged out. */
export class StoreAway extends Error {
  constructor(options?: { cause?: unknown }) {
    super('The store of HTTP sessions is away.', options);
    this.name = 'StoreAway';
  }
}
