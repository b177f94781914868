import type { ClientOptions, WebSocket } from 'ws';
import { type ConnectionOptions, goodbyeTimeoutMs, maxFrameBytes } from './connection.js';
import type { CookieJar } from './cookie-jar.js';

/** `ws` 8.18 and later; its type definitions do not know it yet. */
interface WithCloseTimeout extends ClientOptions {
  readonly closeTimeout: number;
}

/**
 * How both engines open their sockets. Compression is on by default in `ws` clients and would measure
 * zlib; UTF-8 is not validated, because what comes is measured and counted, never shown.
 */
export function socketOptions({ headers, cookies }: Pick<ConnectionOptions, 'headers' | 'cookies'>): WithCloseTimeout {
  const cookie = cookies?.header();
  return {
    headers: cookie === undefined ? headers : { ...headers, Cookie: cookie },
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: maxFrameBytes,
    closeTimeout: goodbyeTimeoutMs,
  };
}

/** Keeps the cookies that the answer to a handshake sets, as a browser would: a balancer may name another node. */
export function keepCookies(socket: WebSocket, cookies: CookieJar | undefined): void {
  if (cookies === undefined) return;
  socket.on('upgrade', ({ headers }) => cookies.store(headers['set-cookie']));
}
