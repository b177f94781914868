import { redactUrl } from '../../core/redact.js';
import { parseServerUrl } from '../server-url.js';
import type { StompLinkOptions } from '../stomp-link.js';

/** A STOMP broker as the user named it. Holds a password: never to be printed. */
export interface StompServer {
  readonly link: Pick<StompLinkOptions, 'host' | 'port' | 'isTls' | 'login' | 'passcode' | 'vhost'>;
  /** Whether one connection serves all sessions of a node, instead of one for each. */
  readonly isShared: boolean;
  /** The URL, fit for output. */
  readonly shown: string;
}

/** Whether a broker's address is one of a STOMP broker that somebody else runs. */
export function isStompAddress(address: string): boolean {
  return /^stomps?:\/\//i.test(address);
}

/**
 * Reads `stomp://login:passcode@host:61613/vhost?connections=shared`, or `stomps://` for TLS.
 * @throws AppError `usage` when it makes no sense
 */
export function parseStompUrl(url: URL): StompServer {
  const server = parseServerUrl(url, {
    plainPort: 61_613,
    tlsProtocol: 'stomps:',
    tlsPort: 61_614,
    parameters: { connections: ['shared', 'per-session'] },
  });
  return {
    link: {
      host: server.host,
      port: server.port,
      isTls: server.isTls,
      login: server.username,
      passcode: server.password,
      vhost: server.path === '' ? '/' : server.path,
    },
    isShared: server.parameters.get('connections') === 'shared',
    shown: redactUrl(url.href),
  };
}
