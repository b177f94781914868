import { createServer, type Server } from 'node:net';
import type { ServerLimits } from './limits.js';
import type { Sessions } from './sessions.js';
import { TcpTransport } from './tcp-transport.js';

/** A server that takes plain TCP connections as STOMP sessions; not yet listening. */
export function createTcpListener(sessions: Sessions, limits: ServerLimits): Server {
  return createServer({ noDelay: true }, (socket) => {
    const refusal = sessions.admit(socket.remoteAddress ?? 'unknown');
    if (refusal !== undefined) {
      sessions.refused();
      socket.destroy();
      return;
    }
    const transport = new TcpTransport(socket, limits.closeTimeoutMs);
    transport.listen(sessions.open(transport));
  });
}
