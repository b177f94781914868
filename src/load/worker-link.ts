import { nowMicros, nowMs } from '../core/clock.js';
import { type Deferred, deferred } from '../core/deferred.js';
import { AppError, unreachable } from '../core/errors.js';
import type { FactBatch } from '../record/history.js';
import { ClockOffset } from './clock-offset.js';
import { factsEarlier } from './facts-earlier.js';
import { noProgress } from './merged-progress.js';
import type {
  Disturbance,
  FromWorker,
  GeneratorWindow,
  Progress,
  RunnerChannel,
  WorkerCommand,
  WorkerPhase,
} from './protocol.js';

/** Where a link passes on what its worker reports, with times of the runner's clock. */
export interface WorkerReports {
  facts(facts: FactBatch): void;
  progress(): void;
  generator(window: GeneratorWindow): void;
}

/** Round trips before the first fact; the closest of them says how far the worker's clock is ahead. */
const firstRoundTrips = 16;
/** How often the clock is asked again, to see whether it still goes with ours. */
const askClockEveryMs = 1000;

/**
 * The runner's view of one worker: its last progress, a promise for the phase that it is in, and its clock. The worker
 * knows its own clock only; times are translated here, on the way in and on the way out.
 */
export class WorkerLink {
  readonly #channel: RunnerChannel;
  readonly #reports: WorkerReports;
  readonly #name: string;
  #pending: { phase: WorkerPhase; resolve: () => void; reject: (error: Error) => void } | undefined;
  /** Why the worker is of no use any more; it is told to every later request. */
  #failure: AppError | undefined;
  #finished = false;
  #roundTrips = 0;
  #onMeasured: () => void = () => undefined;
  #askedClockAtMs = 0;
  readonly clock = new ClockOffset();
  readonly #disturbing = new Map<number, Deferred<number>>();
  #requests = 0;
  progress: Progress = noProgress;
  /** When the worker told it. */
  toldAtMs = 0;

  constructor(channel: RunnerChannel, worker: number, reports: WorkerReports) {
    this.#channel = channel;
    this.#reports = reports;
    this.#name = `worker-${worker + 1}`;
    channel.onMessage((message) => this.#receive(message));
    channel.onClosed(() => {
      if (!this.#finished)
        this.#fail(new AppError('process-failed', `${this.#name} ended in the middle of the run.`, died));
    });
  }

  /** The failure of the worker, once there is one. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  /**
   * Sends a command and waits for its `done`.
   * @throws AppError with the worker's own failure, or 'process-failed' when it is gone
   */
  async perform(message: WorkerCommand): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pending !== undefined) throw new Error(`${this.#name} is still busy with ${this.#pending.phase}`);
    const done = new Promise<void>((resolve, reject) => {
      this.#pending = { phase: message.type, resolve, reject };
    });
    if (message.type === 'prepare') await this.#measureClock(done);
    const { offsetMicros } = this.clock;
    this.#channel.send(message.type === 'start' ? { ...message, t0Micros: message.t0Micros + offsetMicros } : message);
    await done;
  }

  /** Ends the load early; the running `start` is then done. */
  stop(): void {
    if (this.#failure === undefined && !this.#finished) this.#channel.send({ type: 'stop' });
  }

  /**
   * Disturbs the worker's clients, in whatever phase it is. @returns how many it met; none once it has said goodbye
   * @throws AppError like `perform`
   */
  async disturb(disturbance: Disturbance): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#finished) return 0;
    const request = ++this.#requests;
    const met = deferred<number>();
    this.#disturbing.set(request, met);
    this.#channel.send({ type: 'disturb', request, disturbance });
    try {
      return await met.promise;
    } finally {
      this.#disturbing.delete(request);
    }
  }

  /** The runner no longer waits for the phase under way. A late `done` of it is ignored. */
  abandon(): void {
    this.#pending = undefined;
  }

  /** Resolves when the clock is known, rejects with `failure` when the worker fails before. */
  async #measureClock(failure: Promise<void>): Promise<void> {
    const measured = new Promise<void>((resolve) => {
      this.#onMeasured = resolve;
    });
    this.#askClock();
    await Promise.race([measured, failure]);
  }

  #askClock(): void {
    this.#askedClockAtMs = nowMs();
    this.#channel.send({ type: 'clock', askedAtMicros: nowMicros() });
  }

  #clockRead(askedAtMicros: number, readAtMicros: number): void {
    this.clock.add(askedAtMicros, readAtMicros, nowMicros());
    this.#roundTrips++;
    if (this.#roundTrips < firstRoundTrips) this.#askClock();
    if (this.#roundTrips !== firstRoundTrips) return;
    this.clock.fix();
    this.#onMeasured();
  }

  #receive(message: FromWorker): void {
    const { offsetMicros } = this.clock;
    switch (message.type) {
      case 'clock':
        this.#clockRead(message.askedAtMicros, message.readAtMicros);
        break;
      case 'facts':
        this.#reports.facts(factsEarlier(message.facts, offsetMicros));
        break;
      case 'generator': {
        const { fromMicros, toMicros } = message.window;
        const ours = { fromMicros: fromMicros - offsetMicros, toMicros: toMicros - offsetMicros };
        this.#reports.generator({ ...message.window, ...ours });
        break;
      }
      case 'progress':
        this.#told(message.progress);
        this.#reports.progress();
        if (nowMs() - this.#askedClockAtMs >= askClockEveryMs) this.#askClock();
        break;
      case 'failed': {
        const { code, message: text, hint } = message;
        this.#fail(new AppError(code, text, hint === undefined ? {} : { hint }));
        break;
      }
      case 'disturbed':
        this.#disturbing.get(message.request)?.resolve(message.clients);
        break;
      case 'done':
        this.#done(message.phase, message.progress);
        break;
      default:
        unreachable(message);
    }
  }

  #told(progress: Progress): void {
    this.progress = progress;
    this.toldAtMs = nowMs();
  }

  #done(phase: WorkerPhase, progress: Progress): void {
    this.#told(progress);
    if (phase === 'close') this.#finish();
    const pending = this.#pending;
    if (pending?.phase !== phase) return;
    this.#pending = undefined;
    pending.resolve();
    this.#reports.progress();
  }

  #finish(): void {
    this.#finished = true;
    for (const met of this.#disturbing.values()) met.resolve(0);
  }

  #fail(error: AppError): void {
    this.#failure ??= error;
    for (const met of this.#disturbing.values()) met.reject(this.#failure);
    this.#pending?.reject(this.#failure);
    this.#pending = undefined;
    this.#reports.progress();
  }
}

const died = {
  hint: 'The evidence is cut, so there is no verdict. See the log of the worker, and dmesg for the OOM killer.',
};
