import { connect, type Socket } from 'node:net';
import { nextTurn } from '../core/clock.js';
import { systemCodeOf } from '../core/errors.js';
import type { BackendAddress } from './backend.js';

/**
 * Codes that say something about this machine and nothing about the backend: no local port or
 * file descriptor left. They must not make a backend look dead.
 */
const ownFaults = new Set(['EADDRNOTAVAIL', 'EADDRINUSE', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** What became of an attempt to connect. */
export type ConnectOutcome =
  | { readonly type: 'connected'; readonly socket: Socket }
  /** `backend`: refused means that nobody listens, failed that it may be slow. `own`: the fault is on this side. */
  | { readonly type: 'failed'; readonly fault: 'refused' | 'failed' | 'own'; readonly reason: string };

/**
 * Connects within `timeoutMs`; never rejects. The socket has no delay, may be half-open, and
 * ignores errors until somebody listens.
 * @param onSocket receives the socket before it is connected; destroying it ends the attempt
 */
export function connectTo(
  address: BackendAddress,
  options: { readonly timeoutMs: number; readonly onSocket?: (socket: Socket) => void },
): Promise<ConnectOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: address.host, port: address.port, noDelay: true, allowHalfOpen: true });
    options.onSocket?.(socket);
    let reason = 'closed';
    let code: string | undefined;
    const onClose = (): void => resolve({ type: 'failed', fault: faultOf(code), reason });
    socket.on('error', (error) => {
      code = systemCodeOf(error);
      reason = code ?? error.message;
    });
    socket.once('close', onClose);
    socket.setTimeout(options.timeoutMs, async () => {
      // A process that was itself kept from running finds the time over before it finds the answer that is there.
      await nextTurn();
      if (!socket.connecting) return;
      reason = `no answer within ${options.timeoutMs} ms`;
      socket.destroy();
    });
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.off('close', onClose);
      resolve({ type: 'connected', socket });
    });
  });
}

/** Whom the code of a failed connect blames. */
export function faultOf(code: string | undefined): 'refused' | 'failed' | 'own' {
  if (code === 'ECONNREFUSED') return 'refused';
  return code !== undefined && ownFaults.has(code) ? 'own' : 'failed';
}
