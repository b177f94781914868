import { AppError, systemCodeOf } from '../core/errors.js';

/** Whether a handshake was refused because nobody is logged in; `ws` tells the status in its message only. */
export function isLoginDemand(cause: unknown): boolean {
  return cause instanceof Error && cause.message === 'Unexpected server response: 401';
}

/** The limit of this machine that a failed connect shows, if it is one; a refusal by the server is not. */
export function machineLimitOf(cause: unknown): AppError | undefined {
  switch (systemCodeOf(cause)) {
    // Both mean the same: the first without, the second with a bound local address.
    case 'EADDRNOTAVAIL':
    case 'EADDRINUSE':
      return new AppError('ports-exhausted', 'No local port is left for another connection to this address.', {
        hint: 'Use more nodes (each port of a target gives its own range), fewer clients, or widen it: sysctl -w net.ipv4.ip_local_port_range="1024 65535"',
        cause,
      });
    case 'EMFILE':
    case 'ENFILE':
      return new AppError('descriptors', 'This process may not open another connection: too many open files.', {
        hint: 'Raise the hard limit (ulimit -Hn 65536), or use more workers or fewer clients.',
        cause,
      });
    default:
      return undefined;
  }
}
