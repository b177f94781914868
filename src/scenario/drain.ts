import type { Cluster } from '../cluster/cluster.js';
import { nowMs, waitUntil } from '../core/clock.js';
import type { Drained, Workers } from '../load/gather.js';

/** How long clients may take to come back after the load, before the last fences go out without them. */
const comeBackMs = 20_000;
/** How long nodes may take to find their broker again: they try every five seconds at least. */
const brokerBackMs = 8_000;
const drainTimeoutMs = 120_000;
/** What is left of both once somebody asked for an early end. */
const partialDrainMs = 10_000;

export interface DrainBounds {
  /** Whose nodes must have their broker again before a fence can come through. */
  readonly cluster: Cluster;
  readonly quietMs: number;
  /** The request to end early; may come while the drain goes on. */
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/** A signal that follows `stop` after the time of a partial drain. */
class Patience implements Disposable {
  readonly #over = new AbortController();
  readonly #stop: AbortSignal;
  #timer: NodeJS.Timeout | undefined;

  constructor(stop: AbortSignal) {
    this.#stop = stop;
    if (stop.aborted) this.#begin();
    else stop.addEventListener('abort', this.#begin, { once: true });
  }

  get over(): AbortSignal {
    return this.#over.signal;
  }

  readonly #begin = (): void => {
    this.#timer = setTimeout(() => this.#over.abort(), partialDrainMs);
  };

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#stop.removeEventListener('abort', this.#begin);
  }
}

/**
 * Waits for the nodes that are without their broker and the clients that are away, then for the last fence of everybody
 * to everybody. Whoever asks for an early end waits ten seconds more at most, also when the drain had begun before.
 * @throws AppError when a worker dies; the reason of `abort`
 */
export async function drainClients(workers: Workers, bounds: DrainBounds): Promise<Drained> {
  const { cluster, quietMs, stop, abort } = bounds;
  using patience = new Patience(stop);
  const signal = AbortSignal.any([abort, patience.over]);
  const deadlineMs = nowMs() + drainTimeoutMs;
  try {
    await waitUntil(() => hasBrokers(cluster), { timeoutMs: brokerBackMs, everyMs: 50, signal });
    await waitUntil(() => isEverybodyBack(workers), { timeoutMs: comeBackMs, everyMs: 50, signal });
    return await workers.drain({ timeoutMs: deadlineMs - nowMs(), quietMs, signal });
  } catch (error) {
    if (abort.aborted || !patience.over.aborted) throw error;
    const { drainSent, drainArrived, drainExpected } = workers.progress();
    return { complete: false, sent: drainSent, arrived: drainArrived, expected: drainExpected };
  }
}

function isEverybodyBack(workers: Workers): boolean {
  const { confirmed, subscriptions } = workers.progress();
  return workers.failure() !== undefined || confirmed >= subscriptions;
}

/** Whether no node says that it is not ready; one whose broker is gone waits for nothing. */
async function hasBrokers(cluster: Cluster): Promise<boolean> {
  const processes = await cluster.status();
  if (processes.some(({ role, state }) => role === 'broker' && (state === 'down' || state === 'failed'))) return true;
  return processes.every(({ role, ready }) => role !== 'node' || ready !== false);
}
