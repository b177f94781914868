import { Redis } from 'ioredis';
import { nowMs } from '../core/clock.js';
import { StallWatch } from '../core/stall-watch.js';
import { asError, type LinkFailure, linkFailure, type Trouble } from './link-failure.js';
import type { RedisAddress } from './redis-address.js';
import { RedisConnector } from './redis-connector.js';

const connectTimeoutMs = 5_000;
const pingEveryMs = 1_000;
const silentForMs = 5_000;
const probeChannel = 'cluster-chat:probe';

/** No recovery of the library's own: a lost pair of connections is replaced whole, in our order. */
function optionsFor({ server, database, protocol }: RedisAddress) {
  return {
    Connector: RedisConnector,
    host: server.host,
    port: server.port,
    db: database,
    protocol,
    ...(server.username === undefined ? {} : { username: server.username }),
    ...(server.password === undefined ? {} : { password: server.password }),
    // Certificates are verified, which is Node's default; a name in the handshake must not be an address.
    ...(server.isTls ? { tls: {} } : {}),
    connectTimeout: connectTimeoutMs,
    noDelay: true,
    lazyConnect: true,
    disableClientInfo: true,
    retryStrategy: null,
    reconnectOnError: null,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
  };
}

const wrongServer = 'Check that a Redis listens there, and whether it wants TLS: rediss:// with it, redis:// without.';
const troubles: readonly Trouble[] = [
  {
    pattern: /NOAUTH|WRONGPASS|invalid password|AUTH/,
    hint: 'Put user and password into the URL, before the host: user:password@host, or :password@host.',
  },
  { pattern: /DB index/, hint: 'Name a database that the server has, or leave the number out.' },
  {
    pattern: /unknown.*command/i,
    hint: 'Streams need Redis 5 or newer; without them use redis://…?mode=pubsub, which keeps no history.',
  },
  {
    pattern: /NOPERM/,
    hint: 'Allow this user the keys and channels cluster-chat:*, and commands of all data types, scripts and subscriptions.',
  },
  { pattern: /MOVED|CROSSSLOT|CLUSTERDOWN/, hint: 'Name a single Redis: Redis Cluster is not supported.' },
  { pattern: /READONLY/, hint: 'Name the primary instead of a replica.' },
  { pattern: /Unknown RESP type|Protocol error/i, reason: 'it does not answer like a Redis', hint: wrongServer },
  { pattern: /SSL routines|packet length/, reason: 'it does not speak TLS', hint: wrongServer },
  { pattern: /no answer|closed|disconnected|ECONNRESET/i, hint: wrongServer },
];

/**
 * Two connections to one Redis: one for commands, one for what it sends by itself. They stand and fall
 * together. A server that is silent for five seconds counts as lost.
 */
export class RedisConnections {
  readonly commands: Redis;
  readonly subscriber: Redis;
  #timer: NodeJS.Timeout | undefined;
  #cause: Error | undefined;
  #onClosed: ((cause: Error) => void) | undefined;
  #isClosed = false;

  private constructor(address: RedisAddress) {
    this.commands = new Redis(optionsFor(address));
    this.subscriber = new Redis(optionsFor(address));
    for (const connection of [this.commands, this.subscriber]) {
      connection.on('error', (error: Error) => this.destroy(error));
      connection.on('end', () => this.destroy(new Error('Redis closed the connection')));
    }
  }

  /** Resolves when both are ready to be used. Rejects with a `LinkFailure`. */
  static async open(address: RedisAddress): Promise<RedisConnections> {
    const connections = new RedisConnections(address);
    const timer = setTimeout(
      () => connections.destroy(new Error(`no answer from Redis within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    try {
      await Promise.all([connections.commands.connect(), connections.subscriber.connect()]);
      if (connections.#cause !== undefined) throw connections.#cause;
      await connections.#prove();
    } catch (error) {
      connections.destroy(asError(error));
      throw redisFailure(connections.#cause ?? error);
    } finally {
      clearTimeout(timer);
    }
    connections.#watchOver();
    return connections;
  }

  /** @param onClosed told once */
  whenClosed(onClosed: (cause: Error) => void): void {
    this.#onClosed = onClosed;
    if (this.#isClosed) this.#tell();
  }

  destroy(cause: Error): void {
    this.#cause ??= cause;
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.commands.disconnect();
    this.subscriber.disconnect();
    this.#tell();
  }

  /** Sends what waits, then ends both. */
  end(): void {
    clearInterval(this.#timer);
    for (const connection of [this.commands, this.subscriber]) {
      // A server that is gone or hangs gets no goodbye, and the process must not wait for one.
      connection.quit().catch(() => connection.disconnect());
    }
    const timer = setTimeout(() => this.destroy(new Error('The connection was ended here.')), 250);
    timer.unref();
  }

  /** Tells now, not at the first message, when this user may not publish or subscribe. */
  async #prove(): Promise<void> {
    await this.commands.publish(probeChannel, '');
    await this.subscriber.subscribe(probeChannel);
    await this.subscriber.unsubscribe(probeChannel);
  }

  #tell(): void {
    const onClosed = this.#onClosed;
    this.#onClosed = undefined;
    onClosed?.(this.#cause ?? new Error('The connection was lost.'));
  }

  #watchOver(): void {
    const stalls = new StallWatch(pingEveryMs + 1_000, nowMs());
    const pulses = [this.commands, this.subscriber].map((connection) => new Pulse(connection));
    this.#timer = setInterval(() => {
      const now = nowMs();
      const isAfterStall = stalls.isAfterStall(now);
      for (const pulse of pulses) {
        // After a pause of this process the answers wait in the kernel, to be read before they are judged.
        if (pulse.silentMs(now) > silentForMs && !isAfterStall) {
          return this.destroy(new Error('Redis was silent for too long'));
        }
        pulse.ask(now).catch((error: unknown) => this.destroy(asError(error)));
      }
    }, pingEveryMs);
    this.#timer.unref();
  }
}

/** Whether anything comes over a connection: the answer to a ping may lie behind much else. */
class Pulse {
  readonly #connection: Redis;
  #bytesRead = 0;
  /** The oldest ping since which nothing came at all. */
  #askedAtMs: number | undefined;

  constructor(connection: Redis) {
    this.#connection = connection;
  }

  silentMs(now: number): number {
    const { bytesRead } = this.#connection.stream;
    if (bytesRead !== this.#bytesRead) this.#askedAtMs = undefined;
    this.#bytesRead = bytesRead;
    return now - (this.#askedAtMs ?? now);
  }

  async ask(now: number): Promise<void> {
    this.#askedAtMs ??= now;
    await this.#connection.ping();
  }
}

/** An error of Redis or of the way to it, without the command that it answers, which may be the password. */
export function redisFailure(error: unknown): LinkFailure {
  return linkFailure(error, troubles);
}
