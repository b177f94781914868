import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import { connectTo } from '../proxy/connect.js';
import { brokerAddress } from './broker-address.js';

const timeoutMs = 3000;

/**
 * Makes sure that somebody listens where a broker's URL points, before any process is started. What it speaks is
 * for the nodes to find out.
 * @param brokerKind `simple`, `embedded` or a URL; the first two need nobody
 * @throws AppError `broker-unreachable`
 */
export async function checkBroker(brokerKind: string, signal: AbortSignal | undefined): Promise<void> {
  const address = brokerAddress(brokerKind);
  if (address === undefined) return;
  const { host, port } = address;
  const onAbort = new AbortController();
  const outcome = await connectTo(address, {
    timeoutMs,
    onSocket: (socket) => signal?.addEventListener('abort', () => socket.destroy(), { signal: onAbort.signal }),
  });
  onAbort.abort();
  signal?.throwIfAborted();
  if (outcome.type === 'connected') {
    outcome.socket.destroy();
    return;
  }
  throw new AppError(
    'broker-unreachable',
    `nothing answers at the broker ${redactUrl(brokerKind)} (tried ${host} port ${port}: ${outcome.reason})`,
    { hint: hintFor(brokerKind) },
  );
}

function hintFor(broker: string): string {
  const plugin = broker.startsWith('stomp') ? ' (RabbitMQ: "rabbitmq-plugins enable rabbitmq_stomp")' : '';
  return `Start it${plugin}, or correct its URL; the broker "embedded" needs no server.`;
}
