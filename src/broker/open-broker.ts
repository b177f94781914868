import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import type { Broker, BrokerEvents } from './broker.js';
import { linkLimits } from './link-limits.js';
import { MemoryBroker } from './memory-broker.js';
import { openStompBroker } from './relay/open-stomp-broker.js';
import { StompBroker } from './stomp-broker.js';

/** What a user or the supervisor says about the broker. */
export interface BrokerAddress {
  /** `simple`, the URL of a server, or `embedded://host:port`, which is what the supervisor says to its nodes. */
  readonly address: string;
  /** What nodes and embedded broker know each other by. */
  readonly secret: string | undefined;
}

/**
 * Opens a broker. The clients of other servers are loaded only when one is named.
 * @throws AppError `usage` for an address that is none, `broker-unreachable` when it does not answer
 */
export async function openBroker({ address, secret }: BrokerAddress, events: BrokerEvents): Promise<Broker> {
  if (address === 'simple') return new MemoryBroker('simple', events, { history: undefined });
  const url = URL.canParse(address) ? new URL(address) : undefined;
  switch (url?.protocol) {
    case 'embedded:':
      return openEmbedded(url, secret ?? '', events);
    case 'redis:':
    case 'rediss:':
      return (await import('./redis-broker.js')).openRedisBroker(url, events);
    case 'stomp:':
    case 'stomps:':
      return openStompBroker(url, events);
    case 'amqp:':
    case 'amqps:':
      return (await import('./amqp-broker.js')).openAmqpBroker(url, events);
    default:
      throw new AppError('usage', `"${redactUrl(address)}" is not a broker.`, {
        hint: 'Use simple, embedded, or a URL that begins with stomp://, redis:// or amqp://, or their form with TLS, stomps:// and so on.',
      });
  }
}

function openEmbedded(url: URL, passcode: string, events: BrokerEvents): Promise<Broker> {
  return StompBroker.open(
    {
      host: url.hostname,
      port: Number(url.port),
      login: 'node',
      passcode,
      connectTimeoutMs: 5_000,
      heartbeatMs: 1_000,
      limits: linkLimits,
    },
    events,
  );
}
