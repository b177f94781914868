import type { Broker, BrokerEvents, Guarantees } from './broker.js';
import { LinkedBroker } from './linked-broker.js';
import type { BrokerPatience } from './linked-broker-options.js';
import { parseRedisAddress } from './redis-address.js';
import { RedisPubSubLink } from './redis-pubsub-link.js';
import { RedisStreamLink } from './redis-stream-link.js';

const streams: Guarantees = {
  delivery: 'at-least-once',
  order: 'per-publisher',
  history: 'bounded',
  reach: 'cluster',
  queues: 'bounded',
};
const pubSub: Guarantees = { ...streams, delivery: 'at-most-once', history: 'none', queues: 'none' };

/**
 * Opens a Redis as broker: with streams, or with plain publish and subscribe where the URL says
 * `?mode=pubsub`.
 * @throws AppError `usage` for a URL that makes no sense, `broker-unreachable` when it cannot be used
 */
export function openRedisBroker(url: URL, events: BrokerEvents, patience: BrokerPatience = {}): Promise<Broker> {
  const address = parseRedisAddress(url);
  const isPubSub = address.mode === 'pubsub';
  const Link = isPubSub ? RedisPubSubLink : RedisStreamLink;
  return LinkedBroker.open(
    {
      ...patience,
      kind: 'redis',
      guarantees: isPubSub ? pubSub : streams,
      shown: address.server.shown,
      openLink: (linkEvents) => Link.open(address, linkEvents),
    },
    events,
  );
}
