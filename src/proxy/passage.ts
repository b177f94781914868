import { createServer, type Server, type Socket } from 'node:net';
import type { BackendAddress } from './backend.js';
import { connectTo } from './connect.js';
import { Link } from './link.js';
import { listen, portOf } from './listen.js';

const connectTimeoutMs = 5_000;

/**
 * A way to one address that can be cut. Bytes pass unchanged; a target that refuses costs the peer its
 * connection. While it is cut every connection is reset, the old ones and each new one, and bytes under
 * way are lost, as when the machine in between dies.
 */
export class Passage implements AsyncDisposable {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  readonly #server: Server;
  readonly #target: BackendAddress;
  /** Every socket there is, of both sides. */
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  #isCut = false;

  private constructor(server: Server, target: BackendAddress) {
    this.#server = server;
    this.#target = target;
    this.port = portOf(server);
    server.on('connection', (near) => void this.#pass(near));
    // An accept that fails, for want of descriptors, is seen by the peer as a connection that fails.
    server.on('error', () => undefined);
  }

  /** Listens on a free port. @throws AppError `usage` */
  static async open(target: BackendAddress): Promise<Passage> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
    await listen(server, '127.0.0.1', 0);
    return new Passage(server, target);
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** Resolves when no connection is left. @returns how many there were */
  async cut(): Promise<number> {
    const connections = this.#connections;
    this.#isCut = true;
    await this.#resetAll();
    return connections;
  }

  /** Lets connections through again; does nothing when it is not cut. */
  mend(): void {
    this.#isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isCut = true;
    const listenerClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([listenerClosed, this.#resetAll()]);
  }

  async #pass(near: Socket): Promise<void> {
    this.#track(near);
    // A lost connection is noticed by its 'close'; without a listener the error would end the process.
    near.on('error', () => undefined);
    if (this.#isCut) {
      reset(near);
      return;
    }
    this.#connections += 1;
    near.once('close', () => {
      this.#connections -= 1;
    });
    const outcome = await connectTo(this.#target, {
      timeoutMs: connectTimeoutMs,
      onSocket: (far) => this.#track(far),
    });
    if (outcome.type === 'failed') {
      reset(near);
      return;
    }
    if (near.destroyed || outcome.socket.destroyed) {
      near.destroy();
      outcome.socket.destroy();
      return;
    }
    new Link(near, outcome.socket);
  }

  async #resetAll(): Promise<void> {
    await Promise.all(
      [...this.#sockets].map((socket) => {
        const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
        reset(socket);
        return closed;
      }),
    );
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}

/** At once: what was not sent yet is lost, on purpose. */
function reset(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}
