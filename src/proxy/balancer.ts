import { createServer, type Server, type Socket } from 'node:net';
import { systemCodeOf, unreachable } from '../core/errors.js';
import type {
  Backend,
  BackendAddress,
  BackendOptions,
  BackendStatus,
  BalancerEvent,
  RefusalReason,
} from './backend.js';
import { BackendPool } from './backend-pool.js';
import { connectTo } from './connect.js';
import { Link } from './link.js';
import { listen, portOf } from './listen.js';
import type { ChoiceRequest, PolicyName } from './policy.js';
import { refuse } from './refusal.js';
import { addResponseHeader } from './response-head.js';
import { readRequestHead, stickyHeader } from './sticky.js';

const connectTimeoutMs = 1_000;
/** Clients beyond the limit that may be told so at the same time; more are dropped without a word. */
const maxFarewells = 256;

export interface BalancerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly backends: readonly BackendOptions[];
  readonly policy: PolicyName;
  /** Default `/ready`. */
  readonly healthPath?: string;
  /** Default 250 ms. */
  readonly healthEveryMs?: number;
  /** Clients at the same time, each of which takes two file descriptors; default 9,000. Beyond: 503. */
  readonly maxConnections?: number;
  /**
   * Whether the links of a backend are reset when it goes down. Default false, like HAProxy: the
   * links of a dead process end by themselves, and those of a hung one may live again.
   */
  readonly cutOnDown?: boolean;
  /** Must not throw. */
  readonly onEvent?: (event: BalancerEvent) => void;
}

export interface BalancerStatus {
  readonly backends: readonly BackendStatus[];
  /** Clients that are connected now, those included that still wait for a backend. */
  readonly connections: number;
  /** Clients since the start, refused ones included. */
  readonly accepted: number;
  readonly refused: number;
}

/**
 * Listens and balances.
 * @throws AppError `port-taken` when another program listens there, `usage` when the address cannot
 * be listened on or a backend's name is malformed or taken.
 */
export async function openBalancer(options: BalancerOptions): Promise<Balancer> {
  const host = options.host ?? '127.0.0.1';
  // Clients stay paused until there is a backend: what they send waits in the kernel, which bounds it.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true });
  await listen(server, host, options.port);
  try {
    return new Balancer(server, options);
  } catch (thrown) {
    server.close();
    throw thrown;
  }
}

/**
 * The front door: passes each connection to one backend, chosen by the policy. A backend that
 * refuses, or does not answer within 1 s, costs the client nothing but that time: the next one is
 * tried at once, each at most once, the unhealthy last. When none is left the client gets a 503.
 * Except under the sticky policy no byte is looked at.
 */
export class Balancer implements AsyncDisposable {
  /** The port it listens on. */
  readonly port: number;
  readonly #server: Server;
  readonly #pool: BackendPool;
  readonly #isSticky: boolean;
  readonly #maxConnections: number;
  readonly #onEvent: (event: BalancerEvent) => void;
  /** Every socket there is, of clients and of backends; what close() has to end. */
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  #accepted = 0;
  #refused = 0;
  #closing: Promise<void> | undefined;

  /** Takes over a server that listens; see openBalancer. */
  constructor(server: Server, options: BalancerOptions) {
    this.#onEvent = options.onEvent ?? (() => undefined);
    this.#isSticky = options.policy === 'sticky';
    this.#maxConnections = options.maxConnections ?? 9_000;
    this.#pool = new BackendPool({
      backends: options.backends,
      policy: options.policy,
      healthPath: options.healthPath ?? '/ready',
      healthEveryMs: options.healthEveryMs ?? 250,
      cutOnDown: options.cutOnDown ?? false,
      onEvent: this.#onEvent,
    });
    this.#server = server;
    this.port = portOf(server);
    server.maxConnections = this.#maxConnections + maxFarewells;
    server.on('connection', (client) => void this.#accept(client));
    server.on('drop', () => {
      this.#accepted += 1;
      this.#countRefusal('too-many-connections');
    });
    server.on('error', (error) =>
      this.#onEvent({ type: 'accept-failed', reason: systemCodeOf(error) ?? error.message }),
    );
  }

  status(): BalancerStatus {
    return {
      backends: this.#pool.status(),
      connections: this.#connections,
      accepted: this.#accepted,
      refused: this.#refused,
    };
  }

  /** No new connections to this backend; those there are stay. @throws AppError `not-found`. */
  drain(name: string): void {
    this.#pool.setDraining(name, true);
  }

  /** Takes drain() back. @throws AppError `not-found`. */
  undrain(name: string): void {
    this.#pool.setDraining(name, false);
  }

  /** Gives a backend another address and checks it at once, or adds one; links stay. @throws AppError `usage`. */
  setBackend(name: string, address: BackendAddress): void {
    this.#pool.set(name, address);
  }

  /** Stops listening and ends every connection at once; resolves when no socket is left. May be called twice. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    const listenerClosed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const socketsClosed = [...this.#sockets].map((socket) => {
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.destroy();
      return closed;
    });
    await Promise.all([listenerClosed, this.#pool.close(), ...socketsClosed]);
  }

  async #accept(client: Socket): Promise<void> {
    this.#accepted += 1;
    this.#track(client);
    // A failed client is noticed by its 'close'; without a listener the error would end the process.
    client.on('error', () => undefined);
    if (this.#connections >= this.#maxConnections) return this.#turnAway(client, 'too-many-connections');
    this.#connections += 1;
    client.once('close', () => {
      this.#connections -= 1;
    });
    const remoteAddress = client.remoteAddress ?? '';
    if (!this.#isSticky) return this.#dispatch(client, { remoteAddress }, undefined);
    const outcome = await readRequestHead(client);
    switch (outcome.type) {
      case 'head':
        return this.#dispatch(client, { remoteAddress, stickyName: outcome.stickyName }, outcome.bytes);
      case 'too-large':
        return this.#turnAway(client, 'bad-request');
      case 'timeout':
        return this.#turnAway(client, 'request-timeout');
      case 'closed':
        client.destroy();
        return;
      default:
        unreachable(outcome);
    }
  }

  /** Tries one backend after the other until one takes the connection. */
  async #dispatch(client: Socket, request: ChoiceRequest, head: Buffer | undefined): Promise<void> {
    const tried: Backend[] = [];
    while (!client.destroyed) {
      const backend = this.#pool.choose(request, tried);
      if (backend === undefined) return this.#turnAway(client, 'no-backend');
      tried.push(backend);
      const { address } = backend;
      backend.connections += 1;
      const onSocket = (socket: Socket): void => this.#track(socket);
      const outcome = await connectTo(address, { timeoutMs: connectTimeoutMs, onSocket });
      if (outcome.type === 'connected') {
        this.#join(client, outcome.socket, backend, request, head);
        return;
      }
      backend.connections -= 1;
      if (this.#closing !== undefined) return;
      const { fault, reason } = outcome;
      if (fault !== 'own') this.#pool.report(backend, address, { type: fault, reason });
      this.#onEvent({ type: 'connect-failed', name: backend.name, reason });
    }
  }

  #join(client: Socket, upstream: Socket, backend: Backend, request: ChoiceRequest, head: Buffer | undefined): void {
    if (client.destroyed || upstream.destroyed) {
      backend.connections -= 1;
      client.destroy();
      upstream.destroy();
      return;
    }
    if (head !== undefined) upstream.write(head);
    const needsCookie = this.#isSticky && request.stickyName !== backend.name;
    const link = new Link(client, upstream, {
      onClosed: (closed) => {
        backend.connections -= 1;
        backend.links.delete(closed);
      },
      ...(needsCookie ? { rewrite: addResponseHeader(stickyHeader(backend.name)) } : {}),
    });
    backend.links.add(link);
  }

  #turnAway(client: Socket, reason: RefusalReason): void {
    this.#countRefusal(reason);
    if (!client.destroyed) refuse(client, reason);
  }

  #countRefusal(reason: RefusalReason): void {
    this.#refused += 1;
    this.#onEvent({ type: 'connection-refused', reason });
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
