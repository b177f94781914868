import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { type ServerOptions, WebSocketServer } from 'ws';
import { subprotocols } from '../stomp/frame.js';
import type { FoundSession, HttpSessions } from './http-sessions/http-sessions.js';
import { StoreAway } from './http-sessions/session-store.js';
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
  readonly httpSessions: HttpSessions;
  /** Whether a handshake without an HTTP session is refused; otherwise its session is anonymous. */
  readonly isLoginRequired: boolean;
}

/** Status line and reason of a handshake that is refused. */
type Refusal = readonly [status: string, reason: string];

function refuse(socket: Socket, status: string, reason: string): void {
  const more = status.startsWith('503') ? 'Retry-After: 1\r\n' : '';
  // The HTTP server's time limits no longer hold for this socket: a peer that never closes would keep it.
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n${more}Content-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  );
}

/** The refusal of a handshake as status line and reason, or undefined when it may go on. */
function refusalOf(request: IncomingMessage, options: WebSocketListenerOptions): Refusal | undefined {
  const path = (request.url ?? '').split('?')[0];
  if (path !== options.path) return ['404 Not Found', `WebSocket is spoken at ${options.path}.`];
  // Node asks this of every request but an upgrade [RFC 9110, 7.2; RFC 6455, 4.2.1].
  if (request.headers.host === undefined) return ['400 Bad Request', 'The header Host is missing.'];
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
  return busy(options.closedBecause());
}

/**
 * The HTTP session of a handshake. A store that is away lets nobody in who has a cookie: taking a user for a
 * stranger would log him out, and only the store knows whether he is one.
 */
async function sessionOf(
  request: IncomingMessage,
  options: WebSocketListenerOptions,
): Promise<{ found: FoundSession | undefined; refusal: Refusal | undefined }> {
  try {
    const found = await options.httpSessions.find(request.headers.cookie);
    const isRefused = found === undefined && options.isLoginRequired;
    return { found, refusal: isRefused ? ['401 Unauthorized', 'Log in first: POST /login.'] : undefined };
  } catch (error) {
    if (!(error instanceof StoreAway)) throw error;
    return { found: undefined, refusal: busy(error.message) };
  }
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
    const turnAway = (refusal: Refusal) => {
      sessions.refused();
      refuse(socket, ...refusal);
    };
    const address = socket.remoteAddress ?? 'unknown';
    const refusal = refusalOf(request, options) ?? busy(sessions.admit(address));
    if (refusal !== undefined) return turnAway(refusal);
    const release = () => sessions.release(address);
    socket.once('close', release);
    void sessionOf(request, options).then(({ found, refusal: later }) => {
      // The node may have begun to close, and the peer may have gone, while the store was asked.
      const tooLate = later ?? busy(options.closedBecause());
      if (tooLate !== undefined) return turnAway(tooLate);
      let isTaken = false;
      wss.handleUpgrade(request, socket, head, (ws) => {
        isTaken = true;
        socket.off('close', release);
        socket.off('error', ignore);
        socket.setNoDelay(true);
        const transport = new WebSocketTransport(ws, socket, found?.user);
        const session = sessions.open(transport);
        transport.listen(session);
        if (found === undefined) return;
        const end = () => session.fail({ message: 'Logged out.', closeCode: 1008, countedAs: 'nothing' });
        socket.once('close', options.httpSessions.hold(found.key, end));
      });
      // `ws` has answered it already.
      if (!isTaken) sessions.refused();
    });
  });
}

function busy(reason: string | undefined): Refusal | undefined {
  return reason === undefined ? undefined : ['503 Service Unavailable', reason];
}
