import { createServer, type Server, type Socket } from 'node:net';
import type { BackendAddress } from './backend.js';
import { connectTo } from './connect.js';
import { Lane } from './lane.js';
import { listen, portOf } from './listen.js';
import { resetNow } from './reset-now.js';
import type { Toxic } from './toxic.js';
import { type ToxicSpec, toxicOf } from './toxics/registry.js';

const connectTimeoutMs = 5_000;

/**
 * A way to one address that can be cut and poisoned. Bytes pass unchanged; a target that refuses costs the peer its
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
  readonly #lanes = new Set<Lane>();
  /** One of a type at a time, in the order in which they came. */
  readonly #toxics = new Map<ToxicSpec['type'], Toxic>();
  #connections = 0;
  #accepted = 0;
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

  /** Resolves when no connection is left. @returns how many there were */
  async cut(): Promise<number> {
    this.#isCut = true;
    return this.reset();
  }

  /** Lets connections through again. @returns whether it was cut */
  mend(): boolean {
    const wasCut = this.#isCut;
    this.#isCut = false;
    return wasCut;
  }

  /** Resets every connection, once; new ones come through. Resolves when none is left. @returns how many there were */
  async reset(): Promise<number> {
    const connections = this.#connections;
    await Promise.all(
      [...this.#sockets].map((socket) => {
        const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
        resetNow(socket);
        return closed;
      }),
    );
    return connections;
  }

  /**
   * Puts a toxic on every connection, the old ones and each new one; in the place of an earlier one of its type.
   * @returns how many connections there are
   */
  poison(spec: ToxicSpec): number {
    this.cure(spec.type);
    const toxic = toxicOf(spec);
    this.#toxics.set(spec.type, toxic);
    for (const lane of this.#lanes) lane.add(toxic);
    return this.#connections;
  }

  /** Lifts a toxic; what it held passes at once. @returns whether there was one */
  cure(type: ToxicSpec['type']): boolean {
    const toxic = this.#toxics.get(type);
    if (toxic === undefined) return false;
    this.#toxics.delete(type);
    for (const lane of this.#lanes) lane.remove(toxic);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const listenerClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await Promise.all([listenerClosed, this.cut()]);
  }

  async #pass(near: Socket): Promise<void> {
    this.#track(near);
    // A lost connection is noticed by its 'close'; without a listener the error would end the process.
    near.on('error', () => undefined);
    if (this.#isCut) {
      resetNow(near);
      return;
    }
    const number = ++this.#accepted;
    this.#connections += 1;
    near.once('close', () => {
      this.#connections -= 1;
    });
    const outcome = await connectTo(this.#target, {
      timeoutMs: connectTimeoutMs,
      onSocket: (far) => this.#track(far),
    });
    if (outcome.type === 'failed') {
      resetNow(near);
      return;
    }
    if (near.destroyed || outcome.socket.destroyed) {
      near.destroy();
      outcome.socket.destroy();
      return;
    }
    this.#join(near, outcome.socket, number);
  }

  #join(near: Socket, far: Socket, number: number): void {
    const resetBoth = (): void => {
      resetNow(near);
      resetNow(far);
    };
    const toxics = [...this.#toxics.values()];
    const lanes = (['to-target', 'from-target'] as const).map((direction) => {
      const [from, to] = direction === 'to-target' ? [near, far] : [far, near];
      return new Lane(from, to, toxics, { direction, label: `${number} ${direction}`, reset: resetBoth });
    });
    for (const lane of lanes) this.#lanes.add(lane);
    let open = 2;
    const onClose = (): void => {
      open -= 1;
      if (open > 0) return;
      for (const lane of lanes) {
        this.#lanes.delete(lane);
        lane.close();
      }
    };
    near.once('close', onClose);
    far.once('close', onClose);
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
