import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isLoopbackHost } from './loopback.js';

/** What one path answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: 'application/json' | 'text/plain';
  readonly body: string;
}

export type HttpRoutes = ReadonlyMap<string, () => HttpAnswer>;

export function jsonAnswer(value: unknown, status = 200): HttpAnswer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

export function textAnswer(body: string, status = 200): HttpAnswer {
  return { status, type: 'text/plain', body };
}

function answerTo(request: IncomingMessage, routes: HttpRoutes, isRemoteAllowed: boolean): HttpAnswer {
  // A page of another site that resolves its own name to 127.0.0.1 would otherwise read all this (DNS rebinding).
  if (!isRemoteAllowed && !isLoopbackHost(request.headers.host))
    return textAnswer('This Host is not served here.\n', 421);
  const route = routes.get((request.url ?? '').split('?')[0] ?? '');
  if (route === undefined) return textAnswer(`Not found. Try ${[...routes.keys()].join(', ')}.\n`, 404);
  if (request.method !== 'GET' && request.method !== 'HEAD') return textAnswer('Only GET is answered.\n', 405);
  return route();
}

function respond(response: ServerResponse, answer: HttpAnswer, isHead: boolean): void {
  response.writeHead(answer.status, {
    'Content-Type': `${answer.type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(isHead ? undefined : answer.body);
}

/** An HTTP server, not yet listening, with bounds against slow and large requests. */
export function createHttpServer(routes: HttpRoutes, options: { readonly isRemoteAllowed: boolean }): Server {
  return createServer(
    {
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 8 * 1024,
      noDelay: true,
    },
    (request, response) => {
      // A GET needs no body; whatever comes is read and thrown away so that the connection can be used again.
      request.resume();
      respond(response, answerTo(request, routes, options.isRemoteAllowed), request.method === 'HEAD');
    },
  );
}
