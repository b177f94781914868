import type { Broker, BrokerEvents } from '../broker.js';
import { LinkedBroker } from '../linked-broker.js';
import type { BrokerPatience } from '../linked-broker-options.js';
import { SharedLink } from './shared-link.js';
import { parseStompUrl } from './stomp-server.js';

/**
 * Opens a STOMP broker that somebody else runs, over one connection for the whole node. In relay mode it
 * is the node's system connection: no message of a client passes through it, but its state decides whether
 * the node is ready.
 * @throws AppError `usage` for a URL that makes no sense, `broker-unreachable` when it cannot be used
 */
export function openStompBroker(url: URL, events: BrokerEvents, patience: BrokerPatience = {}): Promise<Broker> {
  const server = parseStompUrl(url);
  return LinkedBroker.open(
    {
      ...patience,
      kind: 'stomp',
      // Interest ends with the connection: what is sent meanwhile is not kept.
      guarantees: { delivery: 'at-least-once', order: 'per-publisher', history: 'none', reach: 'cluster' },
      shown: server.shown,
      openLink: (linkEvents) => SharedLink.open(server, linkEvents),
    },
    events,
  );
}
