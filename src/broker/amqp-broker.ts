import { AmqpLink } from './amqp-link.js';
import { AmqpNode, defaultInboxLimits, type InboxLimits } from './amqp-node.js';
import type { Broker, BrokerEvents } from './broker.js';
import { LinkedBroker } from './linked-broker.js';
import type { BrokerPatience } from './linked-broker-options.js';
import { parseServerUrl } from './server-url.js';

/**
 * Opens a RabbitMQ as broker, over AMQP 0-9-1: `amqp://user:password@host:5672/vhost`.
 * @throws AppError `usage` for a URL that makes no sense, `broker-unreachable` when it cannot be used
 */
export function openAmqpBroker(
  url: URL,
  events: BrokerEvents,
  { limits = defaultInboxLimits, ...patience }: BrokerPatience & { readonly limits?: InboxLimits } = {},
): Promise<Broker> {
  const server = parseServerUrl(url, { plainPort: 5672, tlsProtocol: 'amqps:', tlsPort: 5671, parameters: {} });
  const node = new AmqpNode(limits);
  return LinkedBroker.open(
    {
      ...patience,
      kind: 'amqp',
      guarantees: {
        delivery: 'at-least-once',
        order: 'per-publisher',
        history: 'none',
        whileAway: 'kept',
        reach: 'cluster',
        queues: 'bounded',
      },
      shown: server.shown,
      openLink: (linkEvents) => AmqpLink.open(server, node, linkEvents),
    },
    events,
  );
}
