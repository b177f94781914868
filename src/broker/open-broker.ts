import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import type { Broker, BrokerEvents } from './broker.js';
import { linkLimits } from './link-limits.js';
import { MemoryBroker } from './memory-broker.js';
import { StompBroker } from './stomp-broker.js';

/** What a user or the supervisor says about the broker. */
export interface BrokerAddress {
  /** `simple`, or `embedded://host:port`, which is what the supervisor says to its nodes. */
  readonly address: string;
  /** What nodes and embedded broker know each other by. */
  readonly secret: string | undefined;
}

/**
 * Opens a broker.
 * @throws AppError `usage` for an address that is none, `broker-unreachable` when it does not answer
 */
export async function openBroker({ address, secret }: BrokerAddress, events: BrokerEvents): Promise<Broker> {
  if (address === 'simple') return new MemoryBroker('simple', events, { history: false });
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'embedded:') {
    throw new AppError('usage', `"${redactUrl(address)}" is not a broker.`, { hint: 'Use simple or embedded.' });
  }
  return StompBroker.open(
    {
      host: url.hostname,
      port: Number(url.port),
      login: 'node',
      passcode: secret ?? '',
      connectTimeoutMs: 5_000,
      heartbeatMs: 1_000,
      limits: linkLimits,
      reconnectBaseMs: 100,
      reconnectMaxMs: 5_000,
    },
    events,
  );
}
