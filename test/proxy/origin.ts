import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { BackendOptions, BalancerEvent } from '../../src/proxy/backend.js';
import { type Balancer, type BalancerOptions, openBalancer } from '../../src/proxy/balancer.js';
import type { PolicyName } from '../../src/proxy/policy.js';

/** A TCP server that hands its sockets to the test, and a backend entry for it. */
export interface TcpOrigin extends BackendOptions {
  readonly sockets: Socket[];
  /** The next socket that connects, health checks excluded by the test's own choice of path. */
  accept(): Promise<Socket>;
  close(): Promise<void>;
}

/** Listens on a free port; closed with every socket at the end of the test. */
export async function openTcpOrigin(name: string, onSocket?: (socket: Socket) => void): Promise<TcpOrigin> {
  const sockets: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  const unclaimed: Socket[] = [];
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onSocket?.(socket);
    const next = waiting.shift();
    if (next === undefined) unclaimed.push(socket);
    else next(socket);
  });
  const port = await listening(server);
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return {
    name,
    host: '127.0.0.1',
    port,
    sockets,
    accept: async () => unclaimed.shift() ?? (await new Promise((resolve) => waiting.push(resolve))),
    close,
  };
}

/** A server in a process of its own, which answers a moment after it was asked; `asked` resolves when it is. */
export async function openSlowOrigin(): Promise<{ host: string; port: number; asked: Promise<unknown> }> {
  const program = `const s = require('http').createServer((_, r) => { console.log('asked'); setTimeout(() => r.end(), 20) });
    s.listen(0, '127.0.0.1', () => console.log(s.address().port))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { host: '127.0.0.1', port: Number(String(line)), asked: once(child.stdout, 'data') };
}

/** An HTTP server that answers its own name, and whose readiness the test can change; `asked` counts the checks. */
export interface HttpOrigin extends BackendOptions {
  readonly state: { status: number; asked: number };
  readonly requestCookies: (string | undefined)[];
  /** Sockets after an upgrade, which is accepted with 101 whatever it asks for. */
  readonly upgraded: Socket[];
  /** Ends like a killed process: every socket is gone and nobody listens. */
  close(): Promise<void>;
}

export async function openHttpOrigin(name: string, port = 0): Promise<HttpOrigin> {
  const state = { status: 200, asked: 0 };
  const requestCookies: (string | undefined)[] = [];
  const server = createHttpServer((request, response) => {
    if (request.url === '/ready') {
      state.asked++;
      // A status of 0 stands for a node that hangs: it takes the request and says nothing.
      if (state.status !== 0) response.writeHead(state.status).end();
      return;
    }
    requestCookies.push(request.headers.cookie);
    let sizeBytes = 0;
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
    });
    request.on('end', () => response.end(sizeBytes === 0 ? name : `${name} ${sizeBytes}`));
  });
  const upgraded: Socket[] = [];
  server.on('upgrade', (request, socket: Socket) => {
    requestCookies.push(request.headers.cookie);
    socket.on('error', () => undefined);
    upgraded.push(socket);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
  });
  const boundPort = await listening(server, port);
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    for (const socket of upgraded) socket.resetAndDestroy();
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return { name, host: '127.0.0.1', port: boundPort, state, requestCookies, upgraded, close };
}

/** A balancer without health checks of interest, closed at the end of the test. */
export async function openTestBalancer(
  backends: readonly BackendOptions[],
  policy: PolicyName = 'round-robin',
  options: Partial<BalancerOptions> = {},
): Promise<{ readonly balancer: Balancer; readonly events: BalancerEvent[] }> {
  const events: BalancerEvent[] = [];
  const balancer = await openBalancer({
    port: 0,
    backends,
    policy,
    onEvent: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => balancer.close());
  return { balancer, events };
}

/** A connected client socket that never throws; destroyed at the end of the test. */
export async function connectClient(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Everything that a socket receives until its end or reset, and how it ended. */
export async function readAll(socket: Socket): Promise<{ readonly bytes: Buffer; readonly ending: string }> {
  const chunks: Buffer[] = [];
  const ending = await new Promise<string>((resolve) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('end', () => resolve('end'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once('close', () => resolve('close'));
    socket.resume();
  });
  return { bytes: Buffer.concat(chunks), ending };
}

/** The next bytes of a socket. */
export async function readSome(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

async function listening(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The request with which a client asks for another protocol. */
export const upgradeRequest = 'GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n';

/** One HTTP/1.1 exchange on a connection of its own: the whole response as text. */
export async function exchange(port: number, headers = '', body = ''): Promise<string> {
  const client = await connectClient(port);
  const method = body === '' ? 'GET' : 'POST';
  const length = body === '' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  client.write(`${method} / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n${length}${headers}\r\n${body}`);
  const { bytes } = await readAll(client);
  client.end();
  return bytes.toString();
}

/** The body of a response. */
export function bodyOf(response: string): string {
  return response.slice(response.indexOf('\r\n\r\n') + 4).replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/g, '');
}

/** An address where nobody listens. */
export async function closedPort(): Promise<number> {
  const origin = await openTcpOrigin('gone');
  await origin.close();
  return origin.port;
}
