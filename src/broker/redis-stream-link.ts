import { ReplyError } from 'ioredis';
import { randomToken } from '../core/random.js';
import { type BrokerMessage, isQueue, type Position, type QueueConsumer, type Replay } from './broker.js';
import type { BrokerLink, LinkEvents } from './broker-link.js';
import { asError, reasonOf } from './link-failure.js';
import { decodePayload, encodePayload } from './message-payload.js';
import { messageBytes } from './message-size.js';
import type { RedisAddress } from './redis-address.js';
import { RedisConnections, redisFailure } from './redis-connections.js';
import { RedisQueues } from './redis-queues.js';
import { probeScript, publishScript, readScript } from './redis-scripts.js';
import { idParts } from './seen-sequences.js';

/** What one answer to a client may take of this node's memory. */
const maxReplayedBytes = 16 * 1_048_576;
const lineFeed = 0x0a;

interface Page {
  /** The place when the page was read. */
  readonly position: Position;
  /** undefined when what comes after the position asked for cannot be had. */
  readonly messages: readonly BrokerMessage[] | undefined;
}

/**
 * Redis with a stream per destination. A script stores each message and publishes it; nodes hear of it
 * as subscribers and find in the stream what they missed. The stream is the truth, the subscription
 * only the quick way: it tells epoch and offset, so that a message that was lost on it shows.
 */
export class RedisStreamLink implements BrokerLink {
  readonly #connections: RedisConnections;
  readonly #events: LinkEvents;
  readonly #channelPrefix: string;
  readonly #queues: RedisQueues;
  readonly #followed = new Set<string>();

  private constructor(connections: RedisConnections, address: RedisAddress, events: LinkEvents) {
    this.#connections = connections;
    this.#events = events;
    // Channels, unlike keys, are shared by all databases of a server.
    this.#channelPrefix = `cluster-chat:${address.database}:`;
    connections.subscriber.on('messageBuffer', (channel: Buffer, data: Buffer) => this.#heard(channel, data));
    this.#queues = new RedisQueues(connections, address.database);
    connections.whenClosed((cause) => {
      this.#queues.closed();
      events.closed(cause);
    });
  }

  /** Rejects with a `LinkFailure`. */
  static async open(address: RedisAddress, events: LinkEvents): Promise<RedisStreamLink> {
    const connections = await RedisConnections.open(address);
    try {
      await connections.commands.eval(probeScript, 2, 'cluster-chat:probe', 'cluster-chat:probe-place');
    } catch (error) {
      connections.destroy(asError(error));
      throw redisFailure(error);
    }
    return new RedisStreamLink(connections, address, events);
  }

  publish(message: Omit<BrokerMessage, 'position'>): void {
    const { destination, id } = message;
    const stored = isQueue(destination) ? this.#queues.push(message) : this.#store(message);
    stored.then(
      (refusal) => (refusal === undefined ? this.#events.confirmed(id) : this.#events.refused(id, refusal)),
      (error: unknown) => {
        // Redis answered, so that it surely did not store it. Anything else is the end of the link: unknown.
        if (error instanceof ReplyError) this.#events.refused(id, `Redis refused the message: ${reasonOf(error)}.`);
      },
    );
  }

  consume(consumer: QueueConsumer): Promise<void> {
    return this.#queues.join(consumer);
  }

  stopConsuming(consumer: QueueConsumer): void {
    this.#queues.leave(consumer);
  }

  async follow(destination: string, since: Position | undefined): Promise<Replay> {
    if (!this.#followed.has(destination)) {
      this.#followed.add(destination);
      await this.#connections.subscriber.subscribe(this.#channelPrefix + destination);
    }
    if (since !== undefined) return this.#read(destination, since, true);
    const { position } = await this.#page(destination, undefined, false);
    return { recovered: true, messages: [], position };
  }

  unfollow(destination: string): void {
    if (!this.#followed.delete(destination)) return;
    const left = this.#connections.subscriber.unsubscribe(this.#channelPrefix + destination);
    left.catch((error: unknown) => this.destroy(asError(error)));
  }

  replay(destination: string, since: Position): Promise<Replay> {
    return this.#read(destination, since, false);
  }

  destroy(cause: Error): void {
    this.#connections.destroy(cause);
  }

  end(): void {
    this.#queues.end();
    this.#connections.end();
  }

  async #store(message: Omit<BrokerMessage, 'position'>): Promise<undefined> {
    const { destination, id } = message;
    const { origin = '', sequence = '' } = idParts(id) ?? {};
    const keys = [...keysOf(destination), `cluster-chat:origin:${origin}`];
    const given = [newEpoch(), this.#channelPrefix + destination, String(sequence), encodePayload(message)];
    await this.#connections.commands.eval(publishScript, keys.length, ...keys, ...given);
  }

  /** Reads page after page, up to where the destination stood at the first one. */
  async #read(destination: string, since: Position, isSeenByNode: boolean): Promise<Replay> {
    const messages: BrokerMessage[] = [];
    let bytes = 0;
    let position = since;
    let target: number | undefined;
    do {
      const page = await this.#page(destination, position, isSeenByNode);
      target ??= page.position.offset;
      for (const message of page.messages ?? []) bytes += messageBytes(message);
      if (page.messages === undefined || bytes > maxReplayedBytes) return { recovered: false, position: page.position };
      messages.push(...page.messages);
      position = { epoch: since.epoch, offset: position.offset + page.messages.length };
      // A page without a message before the end: what is stored has a hole.
      if (page.messages.length === 0 && position.offset < target) return { recovered: false, position: page.position };
    } while (position.offset < target);
    return { recovered: true, messages, position };
  }

  async #page(destination: string, since: Position | undefined, isSeenByNode: boolean): Promise<Page> {
    const keys = keysOf(destination);
    const given = [since?.epoch ?? '', String(since?.offset ?? 0), isSeenByNode ? '1' : '0'];
    const answer: unknown = await this.#connections.commands.callBuffer(
      'EVAL',
      readScript,
      keys.length,
      ...keys,
      newEpoch(),
      ...given,
    );
    const [epoch, offset, entries] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
    const position = { epoch: String(epoch), offset: Number(String(offset)) };
    if (!Array.isArray(entries)) return { position, messages: undefined };
    const messages = entries.map((entry, index) =>
      messageIn(destination, entry, { epoch: position.epoch, offset: (since?.offset ?? 0) + index + 1 }),
    );
    return { position, messages: messages.every((message) => message !== undefined) ? messages : undefined };
  }

  #heard(channel: Buffer, data: Buffer): void {
    const name = channel.toString();
    if (name === this.#queues.channel) return this.#queues.heard(data);
    const destination = name.slice(this.#channelPrefix.length);
    const end = data.indexOf(lineFeed);
    const [epoch, offset] = data.toString('latin1', 0, Math.max(end, 0)).split(' ');
    const position = { epoch: epoch ?? '', offset: Number(offset) };
    const message = decodePayload(destination, data.subarray(end + 1), position);
    if (message === undefined || !Number.isSafeInteger(position.offset)) this.#events.doubtful(destination);
    else this.#events.message(message);
  }
}

/** The place of a destination and its stream. */
function keysOf(destination: string): readonly string[] {
  return [`cluster-chat:place:${destination}`, `cluster-chat:stream:${destination}`];
}

function newEpoch(): string {
  return randomToken(6);
}

/** The message in an entry of a stream, or undefined when it is not the one that belongs there. */
function messageIn(destination: string, entry: unknown, position: Position): BrokerMessage | undefined {
  if (!Array.isArray(entry)) return undefined;
  const [id, fields] = entry as readonly unknown[];
  if (String(id) !== `${position.offset}-1` || !Array.isArray(fields)) return undefined;
  const payload: unknown = fields[1];
  return Buffer.isBuffer(payload) ? decodePayload(destination, payload, position) : undefined;
}
