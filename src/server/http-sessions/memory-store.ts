import { nowMs } from '../../core/clock.js';
import type { SessionStore } from './session-store.js';

interface Entry {
  readonly user: string;
  readonly expiresAtMs: number;
}

/**
 * Sessions in the memory of one node, as a servlet container keeps them: gone when the node is, and
 * unknown to its neighbours.
 */
export class MemoryStore implements SessionStore {
  readonly kind = 'memory';
  readonly #maxSessions: number;
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: { readonly maxSessions: number }) {
    this.#maxSessions = options.maxSessions;
  }

  async create(key: string, user: string, idleMs: number): Promise<boolean> {
    this.#dropExpired();
    if (this.#entries.size >= this.#maxSessions) return false;
    this.#entries.set(key, { user, expiresAtMs: nowMs() + idleMs });
    return true;
  }

  async touch(key: string, idleMs: number): Promise<string | undefined> {
    this.#dropExpired();
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, { user: entry.user, expiresAtMs: nowMs() + idleMs });
    return entry.user;
  }

  async remove(key: string): Promise<void> {
    this.#entries.delete(key);
  }

  async count(): Promise<number> {
    this.#dropExpired();
    return this.#entries.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#entries.clear();
  }

  /** All are given the same time, so the one that was used longest ago is the first to expire. */
  #dropExpired(): void {
    const now = nowMs();
    for (const [key, { expiresAtMs }] of this.#entries) {
      if (expiresAtMs > now) return;
      this.#entries.delete(key);
    }
  }
}
