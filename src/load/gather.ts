import { nowMicros, nowMs, sleep } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { Clocks } from '../record/clocks.js';
import type { FactBatch, Plan } from '../record/history.js';
import type { ClockOffset } from './clock-offset.js';
import type { LoadSpec } from './load-spec.js';
import { addProgress, noProgress } from './merged-progress.js';
import { planRun } from './plan.js';
import {
  type Disturbance,
  type GeneratorWindow,
  type Progress,
  protocolVersion,
  type RunnerChannel,
  type WorkerCommand,
} from './protocol.js';
import { clocksOf } from './worker-clocks.js';
import { WorkerLink } from './worker-link.js';

export interface WorkersOptions {
  /** Facts of all workers, interleaved; in order within each worker. */
  readonly onFacts: (facts: FactBatch) => void;
  readonly onGenerator?: (window: GeneratorWindow) => void;
  /** The merged progress changed, or a worker failed. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Bounds {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How the last fences ended. */
export interface Drained {
  /** Every subscriber has the last fence of every publisher of its destinations. */
  readonly complete: boolean;
  readonly sent: number;
  readonly arrived: number;
  readonly expected: number;
}

/** All workers as one. Every method rejects with AppError 'process-failed' when a worker dies in it. */
export interface Workers extends AsyncDisposable {
  readonly plan: Plan;
  /** How far the facts' times can be trusted against each other; what it says may grow while the run goes on. */
  readonly clocks: Clocks;
  /** Each worker's clock against ours. */
  readonly offsets: readonly ClockOffset[];
  /** The sum over the workers. */
  progress(): Progress;
  /** How old that is: when the worker that has been silent for longest last told its part of it. */
  toldAtMs(): number;
  /** The first failure of a worker, also of one that happened between two calls. */
  failure(): AppError | undefined;
  /**
   * Opens all clients; resolves when every subscription is confirmed.
   * @param ratePerSecond per worker, 500 by default
   * @throws AppError 'target-unreachable' after the timeout when nobody got through, else 'not-ready'
   */
  connect(options: Bounds & { ratePerSecond?: number }): Promise<void>;
  /** Resolves when every subscription has its fences or was given up; see `Progress.unreached`. */
  fence(options: Bounds): Promise<void>;
  /**
   * Warm-up and load; resolves when the load has ended in every worker.
   * @param t0Micros start of the warm-up; a moment from now by default
   */
  start(options: { t0Micros?: number; signal?: AbortSignal | undefined }): Promise<{ t0Micros: number }>;
  /** Ends the load early. */
  stop(): void;
  /** Disturbs clients in whatever phase they are. @returns how many it met, once that was seen */
  disturb(disturbance: Disturbance): Promise<number>;
  /**
   * Last fences: resolves when all have arrived, or nothing at all has arrived for `quietMs`, or after the timeout.
   */
  drain(options: Bounds & { quietMs: number }): Promise<Drained>;
  /** Graceful goodbye of all clients; afterwards all facts have been handed over. Never rejects. */
  close(): Promise<void>;
}

/** Room for the message to reach all workers before the first send falls due. */
const startLeadMicros = 250_000;
const defaultRatePerSecond = 500;
/** How often a drain looks whether something arrived. */
const drainLookMs = 50;
/** A worker bounds its own goodbye to 5 s; past this it hangs. */
const closeTimeoutMs = 15_000;
/** The same for a disturbance, which a worker bounds to 5 s. */
const disturbTimeoutMs = 10_000;

class Gather implements Workers {
  readonly plan: Plan;
  readonly clocks: Clocks;
  readonly offsets: readonly ClockOffset[];
  readonly #links: readonly WorkerLink[];
  #closing: Promise<void> | undefined;

  constructor(plan: Plan, channels: readonly RunnerChannel[], options: WorkersOptions) {
    this.plan = plan;
    this.#links = channels.map(
      (channel, worker) =>
        new WorkerLink(channel, worker, {
          facts: (facts) => options.onFacts(facts),
          generator: (window) => options.onGenerator?.(window),
          progress: () => options.onProgress?.(this.progress()),
        }),
    );
    this.offsets = this.#links.map((link) => link.clock);
    this.clocks = clocksOf(this.offsets);
  }

  async prepare(spec: LoadSpec): Promise<void> {
    const workers = this.#links.length;
    const prepares = this.#links.map((link, worker) =>
      link.perform({ type: 'prepare', version: protocolVersion, spec, worker, workers }),
    );
    await Promise.all(prepares);
  }

  progress(): Progress {
    return this.#links.map((link) => link.progress).reduce(addProgress, noProgress);
  }

  toldAtMs(): number {
    return Math.min(...this.#links.map((link) => link.toldAtMs));
  }

  failure(): AppError | undefined {
    return this.#links.find((link) => link.failure !== undefined)?.failure;
  }

  async connect(options: Bounds & { ratePerSecond?: number }): Promise<void> {
    const ratePerSecond = options.ratePerSecond ?? defaultRatePerSecond;
    const inTime = await this.#performAll({ type: 'connect', ratePerSecond }, options);
    if (inTime) return;
    const { connected, clients, confirmed, subscriptions, lastConnectError } = this.progress();
    const reason = lastConnectError === undefined ? '' : ` The last failure: ${lastConnectError.replace(/\.$/, '')}.`;
    if (connected === 0) {
      throw new AppError('target-unreachable', `None of ${clients} clients could connect.${reason}`, {
        hint: 'Check the URLs, and that the nodes accept STOMP over WebSocket there.',
      });
    }
    throw new AppError(
      'not-ready',
      `${connected} of ${clients} clients connected, ${confirmed} of ${subscriptions} subscriptions confirmed.${reason}`,
      { hint: 'Allow more time, fewer clients, or look into the logs of the nodes.' },
    );
  }

  async fence(options: Bounds): Promise<void> {
    await this.#performAll({ type: 'fence' }, options);
  }

  async start(options: { t0Micros?: number; signal?: AbortSignal | undefined }): Promise<{ t0Micros: number }> {
    const t0Micros = options.t0Micros ?? nowMicros() + startLeadMicros;
    const stop = (): void => this.stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    try {
      const done = Promise.all(this.#links.map((link) => link.perform({ type: 'start', t0Micros })));
      if (options.signal?.aborted === true) this.stop();
      await done;
    } finally {
      options.signal?.removeEventListener('abort', stop);
    }
    return { t0Micros };
  }

  async disturb(disturbance: Disturbance): Promise<number> {
    const met = Promise.all(this.#links.map((link) => link.disturb(disturbance)));
    if (await within(met, { timeoutMs: disturbTimeoutMs })) return (await met).reduce((sum, each) => sum + each, 0);
    throw new AppError('control-failed', 'the workers did not answer in time');
  }

  stop(): void {
    for (const link of this.#links) link.stop();
  }

  async drain(options: Bounds & { quietMs: number }): Promise<Drained> {
    const deadlineMs = nowMs() + options.timeoutMs;
    await this.#performAll({ type: 'drain' }, options);
    let seen = this.progress().deliveries;
    // Counted in looks and not in time: while this process stands still itself, nothing can be seen to arrive.
    let quietMs = 0;
    let isRepeated = false;
    while (nowMs() < deadlineMs && !this.#isDrained() && quietMs < options.quietMs) {
      const failure = this.failure();
      if (failure !== undefined) throw failure;
      // A fence may have died with the connection that it was written to; sent once more it shows who is reached.
      if (!isRepeated && quietMs > options.quietMs / 2) {
        isRepeated = true;
        await this.#performAll({ type: 'drain' }, options);
        quietMs = 0;
      }
      await sleep(drainLookMs, options.signal);
      const { deliveries } = this.progress();
      quietMs = deliveries === seen ? quietMs + drainLookMs : 0;
      seen = deliveries;
    }
    const { drainSent, drainArrived, drainExpected } = this.progress();
    return { complete: this.#isDrained(), sent: drainSent, arrived: drainArrived, expected: drainExpected };
  }

  async close(): Promise<void> {
    // A worker says goodbye once.
    this.#closing ??= this.#sayGoodbye();
    await this.#closing;
  }

  async #sayGoodbye(): Promise<void> {
    const goodbyes = this.#links.map(async (link) => {
      link.abandon();
      // A worker that failed has said why already, through `failure`.
      if (link.failure === undefined) await link.perform({ type: 'close' }).catch(() => undefined);
    });
    await within(Promise.all(goodbyes), { timeoutMs: closeTimeoutMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #isDrained(): boolean {
    const { drainArrived, drainExpected } = this.progress();
    return drainArrived >= drainExpected;
  }

  /** @returns false when the time was over first; the workers go on with it all the same. */
  async #performAll(message: WorkerCommand, bounds: Bounds): Promise<boolean> {
    const all = Promise.all(this.#links.map((link) => link.perform(message)));
    const inTime = await within(all, bounds);
    if (!inTime) for (const link of this.#links) link.abandon();
    return inTime;
  }
}

/** Waits for `work`; false when the time was over first. Rejects with `work`, or when the signal is aborted. */
async function within(work: Promise<unknown>, bounds: Bounds): Promise<boolean> {
  const given = new AbortController();
  const signal = bounds.signal === undefined ? given.signal : AbortSignal.any([given.signal, bounds.signal]);
  try {
    const timeout = sleep(bounds.timeoutMs, signal).then(() => false);
    timeout.catch(() => undefined);
    return await Promise.race([work.then(() => true), timeout]);
  } finally {
    work.catch(() => undefined);
    given.abort();
  }
}

/**
 * Gives every worker its share of the run.
 * @throws AppError of the first worker that refuses
 */
export async function openWorkers(
  channels: readonly RunnerChannel[],
  spec: LoadSpec,
  options: WorkersOptions,
): Promise<Workers> {
  const workers = new Gather(planRun(spec).plan, channels, options);
  await workers.prepare(spec);
  return workers;
}
