import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import type { Broker, BrokerEvents, Guarantees } from './broker.js';
import { EmbeddedLink } from './embedded-link.js';
import { linkLimits } from './link-limits.js';
import { LinkedBroker } from './linked-broker.js';
import type { BrokerPatience } from './linked-broker-options.js';
import { MemoryBroker } from './memory-broker.js';
import { openStompBroker } from './relay/open-stomp-broker.js';

/** What a user or the supervisor says about the broker. */
export interface BrokerAddress extends BrokerPatience {
  /** `simple`, the URL of a server, or `embedded://host:port`, which is what the supervisor says to its nodes. */
  readonly address: string;
  /** What nodes and embedded broker know each other by. */
  readonly secret: string | undefined;
}

/**
 * Opens a broker. The clients of other servers are loaded only when one is named.
 * @throws AppError `usage` for an address that is none, `broker-unreachable` when it does not answer
 */
export async function openBroker({ address, secret, maxWaitMs }: BrokerAddress, events: BrokerEvents): Promise<Broker> {
  if (address === 'simple') return new MemoryBroker('simple', events, { history: undefined });
  const url = URL.canParse(address) ? new URL(address) : undefined;
  switch (url?.protocol) {
    case 'embedded:':
      return openEmbedded(url, { passcode: secret ?? '', maxWaitMs }, events);
    case 'redis:':
    case 'rediss:':
      return (await import('./redis-broker.js')).openRedisBroker(url, events, { maxWaitMs });
    case 'stomp:':
    case 'stomps:':
      return openStompBroker(url, events, { maxWaitMs });
    case 'amqp:':
    case 'amqps:':
      return (await import('./amqp-broker.js')).openAmqpBroker(url, events, { maxWaitMs });
    default:
      throw new AppError('usage', `"${redactUrl(address)}" is not a broker.`, {
        hint: 'Use simple, embedded, or a URL that begins with stomp://, redis:// or amqp://, or their form with TLS, stomps:// and so on.',
      });
  }
}

const embedded: Guarantees = {
  delivery: 'at-least-once',
  order: 'per-publisher',
  history: 'bounded',
  reach: 'cluster',
  queues: 'bounded',
};

function openEmbedded(
  url: URL,
  { passcode, maxWaitMs }: BrokerPatience & { readonly passcode: string },
  events: BrokerEvents,
): Promise<Broker> {
  const { hostname: host } = url;
  const port = Number(url.port);
  const times = { connectTimeoutMs: 5_000, heartbeatMs: 2_000 };
  const options = { host, port, login: 'node', passcode, ...times, limits: linkLimits };
  return LinkedBroker.open(
    {
      kind: 'embedded',
      guarantees: embedded,
      maxWaitMs,
      shown: `${host}:${port}`,
      openLink: (linkEvents) => EmbeddedLink.open(options, linkEvents),
    },
    events,
  );
}
