import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A server that is no STOMP server, or a bad one. */
export interface BadServer extends AsyncDisposable {
  readonly url: string;
}

function portOf(address: ReturnType<Server['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('a TCP server that listens has a port');
  return address.port;
}

/** Speaks WebSocket properly; what it says over it is the test's. */
export async function openBadServer(onSocket: (socket: WebSocket) => void): Promise<BadServer> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => 'v12.stomp' });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    // Frames that nobody should send make `ws` complain; the test is about the other side.
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  return {
    url: `ws://127.0.0.1:${portOf(server.address())}/ws`,
    async [Symbol.asyncDispose]() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Accepts connections and never says a word. */
export async function openSilentServer(): Promise<BadServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${portOf(server.address())}/ws`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
