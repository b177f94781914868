import type { FrameHeaders } from '../../stomp/frame.js';
import { linkFailure, reasonOf, type Trouble } from '../link-failure.js';
import { linkLimits } from '../link-limits.js';
import { StompLink, type StompLinkEvents, type StompLinkOptions } from '../stomp-link.js';
import type { StompServer } from './stomp-server.js';

const connectTimeoutMs = 5_000;

const troubles: readonly Trouble[] = [
  {
    pattern: /virtual host|vhost/i,
    hint: 'Name a virtual host that the broker has: stomp://host/name, or leave it out for "/".',
  },
  {
    pattern: /Bad CONNECT|access refused|login|password|authenticat|not authorized|security|credential/i,
    hint: 'Write the right login:passcode@ before the host in the URL (RabbitMQ lets guest in from its own machine only).',
  },
  {
    pattern: /ECONNREFUSED/,
    hint: 'Start it; on RabbitMQ say "rabbitmq-plugins enable rabbitmq_stomp". The broker "embedded" needs no server.',
  },
  { pattern: /ENOTFOUND|EAI_AGAIN/, hint: 'Correct the host in the URL.' },
  {
    pattern: /SSL|wrong version number|EPROTO|before secure TLS/i,
    hint: 'Check that TLS is spoken at that port, or write stomp:// for a connection without it.',
  },
  {
    pattern: /not STOMP|no answer|closed the connection|ECONNRESET|answered/i,
    hint: 'Check that STOMP is spoken there (usually port 61613; AMQP, HTTP and Redis are others), and whether it wants TLS: stomps://.',
  },
];

export interface OpenLinkOptions extends Pick<StompLinkOptions, 'heartbeatMs' | 'promisedMs'> {
  /** More headers of the CONNECT. */
  readonly headers?: FrameHeaders;
  readonly signal?: AbortSignal;
}

/**
 * Opens one connection to a broker that somebody else runs; it speaks STOMP 1.2, or what the broker has.
 * Rejects with a `LinkFailure`, in which nothing of login and passcode is left.
 */
export async function openLink(
  server: StompServer,
  { headers, signal, ...times }: OpenLinkOptions,
  events: StompLinkEvents,
): Promise<StompLink> {
  const more = headers === undefined ? {} : { connectHeaders: headers };
  const options = { ...server.link, ...more, ...times, connectTimeoutMs, limits: linkLimits };
  try {
    return await StompLink.open({ ...options, acceptVersion: '1.0,1.1,1.2' }, events, signal);
  } catch (error) {
    throw linkFailure(new Error(withoutSecrets(reasonOf(error), server)), troubles);
  }
}

/** A broker may repeat in its refusal what it was told. */
function withoutSecrets(text: string, { link }: StompServer): string {
  let clean = text;
  for (const secret of [link.passcode, link.login]) {
    if (secret !== undefined && secret !== '') clean = clean.replaceAll(secret, '***');
  }
  return clean;
}
