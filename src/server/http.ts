import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { systemCodeOf } from '../core/errors.js';
import { inertJson } from '../core/inert-json.js';
import { isLoopbackHost } from './loopback.js';

/** What one path answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain';
  readonly body: string;
  /** Beyond those that every answer has. */
  readonly headers?: Readonly<OutgoingHttpHeaders>;
}

/** Answers GET and HEAD. */
export type HttpRoute = (headers: IncomingHttpHeaders) => HttpAnswer | Promise<HttpAnswer>;
export type HttpRoutes = ReadonlyMap<string, HttpRoute>;

/** Answers POST. */
export interface HttpForm {
  /** A longer body is not read. */
  readonly maxBodyBytes: number;
  readonly answer: (headers: IncomingHttpHeaders, body: Buffer) => HttpAnswer | Promise<HttpAnswer>;
}

/** A request that never became one: its octets are none of HTTP, or they came too slowly. */
export type RequestFault = 'unreadable' | 'late';

export interface HttpServerOptions {
  readonly isRemoteAllowed: boolean;
  /** Connections at once, those that became WebSockets included; beyond it they are closed unread. */
  readonly maxConnections: number;
  readonly onFault?: (fault: RequestFault) => void;
  readonly forms?: ReadonlyMap<string, HttpForm>;
}

export function jsonAnswer(value: unknown, status = 200): HttpAnswer {
  return { status, type: 'application/json', body: `${inertJson(value)}\n` };
}

export function textAnswer(body: string, status = 200): HttpAnswer {
  return { status, type: 'text/plain', body };
}

function notAllowed(allowed: string): HttpAnswer {
  const first = allowed.split(',')[0];
  return { ...textAnswer(`Only ${first} is answered.\n`, 405), headers: { Allow: allowed } };
}

/** The whole body, or undefined when it is longer than allowed. Rejects when the peer goes away. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answerTo(
  request: IncomingMessage,
  routes: HttpRoutes,
  { isRemoteAllowed, forms }: HttpServerOptions,
): Promise<HttpAnswer> {
  // A page of another site that resolves its own name to 127.0.0.1 would otherwise read all this (DNS rebinding).
  if (!isRemoteAllowed && !isLoopbackHost(request.headers.host))
    return textAnswer('This Host is not served here.\n', 421);
  const path = (request.url ?? '').split('?')[0] ?? '';
  const form = forms?.get(path);
  if (form !== undefined) {
    if (request.method !== 'POST') return notAllowed('POST');
    const body = await readBody(request, form.maxBodyBytes);
    if (body !== undefined) return form.answer(request.headers, body);
    const headers = { Connection: 'close' };
    return { ...textAnswer(`The body is longer than ${form.maxBodyBytes} bytes.\n`, 413), headers };
  }
  const route = routes.get(path);
  if (route === undefined) {
    const known = [...routes.keys(), ...(forms?.keys() ?? [])];
    return textAnswer(`Not found. Try ${known.join(', ')}.\n`, 404);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed('GET, HEAD');
  return route(request.headers);
}

function respond(response: ServerResponse, answer: HttpAnswer, isHead: boolean): void {
  response.writeHead(answer.status, {
    'Content-Type': `${answer.type}; charset=utf-8`,
    // An answer without content has no length either [RFC 9110, 8.6].
    ...(answer.status === 204 ? {} : { 'Content-Length': Buffer.byteLength(answer.body) }),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...answer.headers,
  });
  response.end(isHead ? undefined : answer.body);
}

/** The status lines of requests that Node's parser gave up; without one of these it is 400. */
const faultStatus: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Content Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What Node does by itself with such a request, and the counting of it. */
function endFaultyRequest(error: Error, socket: Duplex, onFault: HttpServerOptions['onFault']): void {
  const code = systemCodeOf(error) ?? '';
  // A peer that went away did nothing wrong, and hears nothing; one that only says no more is answered.
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  if (code !== 'HPE_INVALID_EOF_STATE') onFault?.(code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'late' : 'unreadable');
  // Not waited for: a peer that never reads would keep the connection.
  socket.write(`HTTP/1.1 ${faultStatus[code] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
  socket.destroy();
}

/** An HTTP server, not yet listening, with bounds against slow and large requests. */
export function createHttpServer(routes: HttpRoutes, options: HttpServerOptions): Server {
  const server = createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 8 * 1024,
      noDelay: true,
    },
    (request, response) => {
      answerTo(request, routes, options)
        // The peer went away in the middle of its body, or the answer is a defect of ours; both are the end of it.
        .catch(() => textAnswer('The request could not be answered.\n', 500))
        .then((answer) => {
          respond(response, answer, request.method === 'HEAD');
          // A GET needs no body; whatever comes is read and thrown away so that the connection can be used again.
          request.resume();
        });
    },
  );
  server.maxConnections = options.maxConnections;
  server.on('clientError', (error, socket) => endFaultyRequest(error, socket, options.onFault));
  return server;
}
