import { Redis } from 'ioredis';
import { RedisConnector } from '../../broker/redis-connector.js';
import { AppError, messageOf } from '../../core/errors.js';
import { redactUrl } from '../../core/redact.js';
import { type SessionStore, StoreAway } from './session-store.js';

/** Braces, so that a Redis cluster keeps all keys in one slot: each script touches two of them. */
const prefix = '{cluster-chat}:http-session:';
/** A sorted set of all sessions by the moment of their expiry, which counts them without a search. */
const index = '{cluster-chat}:http-sessions';

const connectTimeoutMs = 5_000;
/** A Redis that hangs must not hold up handshakes for longer. */
const commandTimeoutMs = 2_000;
const reconnectBaseMs = 100;
const reconnectMaxMs = 5_000;

// The clock of Redis, because those of the nodes differ. Sessions that expired leave the index first.
const nowAndSweep = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
`;
const createScript = `${nowAndSweep}
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
redis.call('ZADD', KEYS[1], now + ARGV[2], KEYS[2])
return 1
`;
const touchScript = `${nowAndSweep}
local user = redis.call('GET', KEYS[2])
if not user then
  redis.call('ZREM', KEYS[1], KEYS[2])
  return false
end
redis.call('PEXPIRE', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[1], KEYS[2])
return user
`;
const countScript = `${nowAndSweep}
return redis.call('ZCARD', KEYS[1])
`;

export interface RedisStoreOptions {
  /** `redis://` or `rediss://`; may carry a password, so it is never printed. */
  readonly url: string;
  readonly maxSessions: number;
  /** One line for the log of the node. */
  readonly log: (line: string) => void;
}

/** Sessions in Redis, where every node finds them and no node takes them along when it dies. */
export class RedisStore implements SessionStore {
  readonly kind = 'redis';
  readonly #redis: Redis;
  readonly #maxSessions: number;

  private constructor(redis: Redis, options: RedisStoreOptions) {
    this.#redis = redis;
    this.#maxSessions = options.maxSessions;
  }

  /** @throws AppError `sessions-unreachable` when Redis does not answer or refuses us */
  static async open(options: RedisStoreOptions): Promise<RedisStore> {
    const redis = new Redis(options.url, {
      Connector: RedisConnector,
      lazyConnect: true,
      connectTimeout: connectTimeoutMs,
      commandTimeout: commandTimeoutMs,
      // A request while Redis is away fails at once; waiting would only pile requests up.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(reconnectMaxMs, reconnectBaseMs * 2 ** Math.min(attempt, 16)),
    });
    let cause: unknown;
    const note = (error: unknown) => {
      cause ??= error;
    };
    redis.on('error', note);
    try {
      await redis.connect();
      await redis.ping();
    } catch (error) {
      redis.disconnect();
      const shown = redactUrl(options.url);
      throw new AppError('sessions-unreachable', `${shown} does not answer: ${messageOf(cause ?? error)}.`, {
        hint: 'Start Redis there, or keep sessions in memory with --sessions memory.',
        cause: cause ?? error,
      });
    }
    redis.off('error', note);
    watch(redis, options);
    return new RedisStore(redis, options);
  }

  async create(key: string, user: string, idleMs: number): Promise<boolean> {
    const created = await this.#ask((redis) =>
      redis.eval(createScript, 2, index, prefix + key, user, idleMs, this.#maxSessions),
    );
    return created === 1;
  }

  async touch(key: string, idleMs: number): Promise<string | undefined> {
    const user = await this.#ask((redis) => redis.eval(touchScript, 2, index, prefix + key, idleMs));
    return typeof user === 'string' ? user : undefined;
  }

  async remove(key: string): Promise<void> {
    await this.#ask((redis) =>
      redis
        .multi()
        .del(prefix + key)
        .zrem(index, prefix + key)
        .exec(),
    );
  }

  async count(): Promise<number> {
    return Number(await this.#ask((redis) => redis.eval(countScript, 1, index)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
  }

  /** Whatever goes wrong between us and Redis means the same for users: it is away. */
  async #ask<T>(request: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await request(this.#redis);
    } catch (cause) {
      throw new StoreAway({ cause });
    }
  }
}

/** Says once that Redis went away, with the reason, and once that it is back. */
function watch(redis: Redis, { url, log }: RedisStoreOptions): void {
  const shown = redactUrl(url);
  let isAway = false;
  let reason = 'the connection was closed';
  redis.on('error', (error) => {
    reason = messageOf(error);
  });
  redis.on('close', () => {
    if (!isAway) log(`The store of HTTP sessions ${shown} is away (${reason}): logins and lookups get 503.`);
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) log(`The store of HTTP sessions ${shown} is back.`);
    isAway = false;
  });
}
