import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import { connectTo } from '../proxy/connect.js';

/** Where brokers listen when their URL names no port [IANA registry of service names]. */
const usualPorts: ReadonlyMap<string, number> = new Map([
  ['stomp:', 61_613],
  ['stomps:', 61_614],
  ['redis:', 6379],
  ['rediss:', 6379],
  ['amqp:', 5672],
  ['amqps:', 5671],
]);

const timeoutMs = 3000;

/**
 * Makes sure that somebody listens where a broker's URL points, before any process is started. What it speaks is
 * for the nodes to find out.
 * @param brokerKind `simple`, `embedded` or a URL; the first two need nobody
 * @throws AppError `broker-unreachable`
 */
export async function checkBroker(brokerKind: string, signal: AbortSignal | undefined): Promise<void> {
  const url = URL.canParse(brokerKind) ? new URL(brokerKind) : undefined;
  const port = url === undefined ? undefined : Number(url.port) || usualPorts.get(url.protocol);
  if (url === undefined || port === undefined) return;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const onAbort = new AbortController();
  const outcome = await connectTo(
    { host, port },
    {
      timeoutMs,
      onSocket: (socket) => signal?.addEventListener('abort', () => socket.destroy(), { signal: onAbort.signal }),
    },
  );
  onAbort.abort();
  signal?.throwIfAborted();
  if (outcome.type === 'connected') {
    outcome.socket.destroy();
    return;
  }
  throw new AppError(
    'broker-unreachable',
    `nothing answers at the broker ${redactUrl(brokerKind)} (tried ${host} port ${port}: ${outcome.reason})`,
    { hint: 'Start it, or correct its URL; the broker "embedded" needs no server.' },
  );
}
