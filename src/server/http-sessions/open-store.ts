import { AppError } from '../../core/errors.js';
import { redactUrl } from '../../core/redact.js';
import { MemoryStore } from './memory-store.js';
import type { SessionStore } from './session-store.js';

export interface StoreOptions {
  /** `memory`, or a URL that begins with `redis://` or `rediss://`. */
  readonly address: string;
  readonly maxSessions: number;
  readonly log: (line: string) => void;
}

/**
 * Opens a store of HTTP sessions.
 * @throws AppError `usage` for an address that is none, `sessions-unreachable` when it does not answer
 */
export async function openSessionStore({ address, maxSessions, log }: StoreOptions): Promise<SessionStore> {
  if (address === 'memory') return new MemoryStore({ maxSessions });
  if (!/^rediss?:\/\/./.test(address) || !URL.canParse(address)) {
    throw new AppError('usage', `"${redactUrl(address)}" is no store of HTTP sessions.`, {
      hint: 'Use memory, or a URL such as redis://127.0.0.1:6379.',
    });
  }
  // Loaded on demand: nodes that keep sessions in memory need no client for Redis.
  const { RedisStore } = await import('./redis-store.js');
  return RedisStore.open({ url: address, maxSessions, log });
}
