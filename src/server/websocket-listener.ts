import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type ServerOptions, WebSocketServer } from 'ws';
import { subprotocols } from '../stomp/frame.js';
import type { ServerLimits } from './limits.js';
import { isOriginAllowed } from './origin.js';
import type { Sessions } from './sessions.js';
import { WebSocketTransport } from './websocket-transport.js';

export interface WebSocketListenerOptions {
  readonly path: string;
  readonly allowedOrigins: readonly string[];
  readonly limits: ServerLimits;
  /** Why no connection is taken now, if so. */
  readonly closedBecause: () => string | undefined;
}

function refuse(socket: Socket, status: string, reason: string): void {
  const more = status.startsWith('503') ? 'Retry-After: 1\r\n' : '';
  // The HTTP server's time limits no longer hold for this socket: a peer that never closes would keep it.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n${more}Content-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  );
}

/** The refusal of a handshake as status line and reason, or undefined when it may go on. */
function refusalOf(request: IncomingMessage, options: WebSocketListenerOptions): [string, string] | undefined {
  const path = (request.url ?? '').split('?')[0];
  if (path !== options.path) return ['404 Not Found', `WebSocket is spoken at ${options.path}.`];
  const { origin } = request.headers;
  if (!isOriginAllowed(origin, options.allowedOrigins)) {
    return ['403 Forbidden', 'This Origin is not allowed; see --allow-origin.'];
  }
  const offered = request.headers['sec-websocket-protocol'];
  if (
    offered !== undefined &&
    !subprotocols.some((known) => offered.split(',').some((name) => name.trim() === known))
  ) {
    return ['400 Bad Request', `None of the sub-protocols is spoken here; offer ${subprotocols.join(', ')}.`];
  }
  const closed = options.closedBecause();
  return closed === undefined ? undefined : ['503 Service Unavailable', closed];
}

/** Takes WebSocket handshakes from an HTTP server and turns them into sessions. */
export function listenForWebSockets(server: Server, sessions: Sessions, options: WebSocketListenerOptions): void {
  const { limits } = options;
  // `closeTimeout` is in ws 8.23 but not yet in its types.
  const wsOptions: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: limits.maxBodyBytes + 48 * 1024,
    maxFragments: 64,
    maxBufferedChunks: 1_024,
    closeTimeout: limits.closeTimeoutMs,
    handleProtocols: (offered) => subprotocols.find((known) => offered.has(known)) ?? false,
  };
  const wss = new WebSocketServer(wsOptions);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    // Until `ws` takes over nobody else listens for errors of this socket.
    const ignore = () => {};
    socket.on('error', ignore);
    const address = socket.remoteAddress ?? 'unknown';
    const refusal = refusalOf(request, options) ?? busy(sessions.admit(address));
    if (refusal !== undefined) return refuse(socket, ...refusal);
    const release = () => sessions.release(address);
    socket.once('close', release);
    wss.handleUpgrade(request, socket, head, (ws) => {
      socket.off('close', release);
      socket.off('error', ignore);
      socket.setNoDelay(true);
      const transport = new WebSocketTransport(ws, socket);
      transport.listen(sessions.open(transport));
    });
  });
}

function busy(reason: string | undefined): [string, string] | undefined {
  return reason === undefined ? undefined : ['503 Service Unavailable', reason];
}
