import { AppError, unreachable } from '../core/errors.js';
import type { Backend, BackendAddress, BackendOptions, BackendStatus, BalancerEvent } from './backend.js';
import { type CheckResult, watchHealth } from './health.js';
import { type ChoiceRequest, createPolicy, type Policy, type PolicyName } from './policy.js';

/** Failures in a row that make a backend count as down. One success makes it up again. */
const failuresUntilDown = 2;
const checkTimeoutMs = 1_000;
/** More backends than this are a mistake of the caller. */
const maxBackends = 1_000;
/** Names travel in a cookie and in a header, so they must not need quoting. */
const nameShape = /^[A-Za-z0-9._-]{1,64}$/;

export interface BackendPoolOptions {
  readonly backends: readonly BackendOptions[];
  readonly policy: PolicyName;
  readonly healthPath: string;
  readonly healthEveryMs: number;
  readonly cutOnDown: boolean;
  readonly onEvent: (event: BalancerEvent) => void;
}

/**
 * The backends, which of them can be chosen, and who chooses. A backend counts as healthy until a
 * check or a connect says otherwise, so that a balancer works from its first moment on.
 */
export class BackendPool implements AsyncDisposable {
  readonly #backends = new Map<string, Backend>();
  readonly #watches = new Map<Backend, { readonly stop: AbortController; readonly stopped: Promise<void> }>();
  readonly #policy: Policy;
  readonly #options: BackendPoolOptions;

  /** @throws AppError `usage` for a name that is malformed or taken. */
  constructor(options: BackendPoolOptions) {
    this.#options = options;
    this.#policy = createPolicy(options.policy);
    for (const { name } of options.backends) requireName(name);
    if (new Set(options.backends.map((b) => b.name)).size < options.backends.length) {
      throw new AppError('usage', 'Two backends have the same name.', {
        hint: 'Give every backend a name of its own.',
      });
    }
    for (const { name, host, port } of options.backends) this.set(name, { host, port });
  }

  /**
   * The backend for a new connection: one of the healthy, or of all when none is healthy, without
   * those that drain and those already tried. Undefined when none is left.
   */
  choose(request: ChoiceRequest, tried: readonly Backend[]): Backend | undefined {
    const open = [...this.#backends.values()].filter((b) => !b.draining && !tried.includes(b));
    const healthy = open.filter((b) => b.healthy);
    const [first, ...others] = healthy.length > 0 ? healthy : open;
    return first === undefined ? undefined : this.#policy.choose([first, ...others], request);
  }

  /** Takes note of a check or a connect. What is said of an address that was replaced meanwhile is ignored. */
  report(backend: Backend, address: BackendAddress, result: CheckResult): void {
    if (backend.address !== address) return;
    switch (result.type) {
      case 'up':
        backend.failures = 0;
        if (backend.healthy) return;
        backend.healthy = true;
        this.#options.onEvent({ type: 'backend-up', name: backend.name });
        return;
      case 'refused':
      case 'failed':
        backend.failures += 1;
        if (result.type === 'refused' || backend.failures >= failuresUntilDown) this.#markDown(backend, result.reason);
        return;
      case 'own':
        this.#options.onEvent({ type: 'connect-failed', name: backend.name, reason: result.reason });
        return;
      default:
        unreachable(result);
    }
  }

  /** Gives a backend another address, or adds one; its links stay. @throws AppError `usage` for a malformed name. */
  set(name: string, address: BackendAddress): void {
    requireName(name);
    const known = this.#backends.get(name);
    if (known === undefined && this.#backends.size >= maxBackends) {
      throw new AppError('usage', `A balancer has at most ${maxBackends} backends.`, { hint: 'Start fewer nodes.' });
    }
    const copy = { host: address.host, port: address.port };
    const backend = known ?? newBackend(name, copy);
    backend.address = copy;
    backend.failures = 0;
    this.#backends.set(name, backend);
    this.#watch(backend);
  }

  /** Whether a backend gets new connections. @throws AppError `not-found`. */
  setDraining(name: string, isDraining: boolean): void {
    const backend = this.#backends.get(name);
    if (backend === undefined) {
      const known = [...this.#backends.keys()].join(', ');
      throw new AppError('not-found', `The balancer has no backend "${name}".`, { hint: `Its backends: ${known}.` });
    }
    backend.draining = isDraining;
  }

  status(): BackendStatus[] {
    return [...this.#backends.values()].map(({ name, healthy, draining, connections }) => {
      return { name, healthy, draining, connections };
    });
  }

  /** Ends the checks; resolves when the last one has ended. */
  async close(): Promise<void> {
    const watches = [...this.#watches.values()];
    for (const watch of watches) watch.stop.abort();
    await Promise.all(watches.map((watch) => watch.stopped));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #watch(backend: Backend): void {
    const before = this.#watches.get(backend);
    before?.stop.abort();
    const stop = new AbortController();
    const { address } = backend;
    const { healthPath: path, healthEveryMs: everyMs } = this.#options;
    const onResult = (result: CheckResult): void => this.report(backend, address, result);
    const watched = watchHealth(address, { path, everyMs, timeoutMs: checkTimeoutMs, onResult }, stop.signal);
    const stopped = Promise.all([before?.stopped, watched]).then(() => undefined);
    this.#watches.set(backend, { stop, stopped });
  }

  #markDown(backend: Backend, reason: string): void {
    if (!backend.healthy) return;
    backend.healthy = false;
    this.#options.onEvent({ type: 'backend-down', name: backend.name, reason });
    if (!this.#options.cutOnDown) return;
    for (const link of backend.links) link.reset();
  }
}

function newBackend(name: string, address: BackendAddress): Backend {
  return { name, address, healthy: true, draining: false, failures: 0, connections: 0, links: new Set() };
}

function requireName(name: string): void {
  if (nameShape.test(name)) return;
  throw new AppError('usage', `"${name}" cannot be the name of a backend.`, {
    hint: 'Use 1 to 64 letters, digits, dots, underscores or hyphens.',
  });
}
