import { ReplyError } from 'ioredis';
import type { BrokerMessage, Position, Replay } from './broker.js';
import type { BrokerLink, LinkEvents } from './broker-link.js';
import { asError, reasonOf } from './link-failure.js';
import { decodePayload, encodePayload } from './message-payload.js';
import type { RedisAddress } from './redis-address.js';
import { RedisConnections } from './redis-connections.js';

/** Nothing is stored: whether something was missed nobody knows. */
const unknown: Replay = { recovered: false, position: undefined };

/** Redis as a mere carrier: whoever is not connected at the moment misses the message. */
export class RedisPubSubLink implements BrokerLink {
  readonly #connections: RedisConnections;
  readonly #events: LinkEvents;
  readonly #channelPrefix: string;

  private constructor(connections: RedisConnections, address: RedisAddress, events: LinkEvents) {
    this.#connections = connections;
    this.#events = events;
    this.#channelPrefix = `cluster-chat:pubsub:${address.database}:`;
    connections.subscriber.on('messageBuffer', (channel: Buffer, data: Buffer) => this.#heard(channel, data));
    connections.whenClosed((cause) => events.closed(cause));
  }

  /** Rejects with a `LinkFailure`. */
  static async open(address: RedisAddress, events: LinkEvents): Promise<RedisPubSubLink> {
    return new RedisPubSubLink(await RedisConnections.open(address), address, events);
  }

  publish(message: Omit<BrokerMessage, 'position'>): void {
    const { destination, id } = message;
    this.#connections.commands.publish(this.#channelPrefix + destination, encodePayload(message)).then(
      () => this.#events.confirmed(id),
      (error: unknown) => {
        // Redis answered, so that it surely did not send it. Anything else is the end of the link: unknown.
        if (error instanceof ReplyError) this.#events.refused(id, `Redis refused the message: ${reasonOf(error)}.`);
      },
    );
  }

  async follow(destination: string, _since: Position | undefined): Promise<Replay> {
    await this.#connections.subscriber.subscribe(this.#channelPrefix + destination);
    return unknown;
  }

  unfollow(destination: string): void {
    const left = this.#connections.subscriber.unsubscribe(this.#channelPrefix + destination);
    left.catch((error: unknown) => this.destroy(asError(error)));
  }

  async replay(): Promise<Replay> {
    return unknown;
  }

  destroy(cause: Error): void {
    this.#connections.destroy(cause);
  }

  end(): void {
    this.#connections.end();
  }

  #heard(channel: Buffer, data: Buffer): void {
    const destination = channel.toString().slice(this.#channelPrefix.length);
    const message = decodePayload(destination, data, undefined);
    if (message === undefined) this.#events.doubtful(destination);
    else this.#events.message(message);
  }
}
