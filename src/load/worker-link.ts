import { type Deferred, deferred } from '../core/deferred.js';
import { AppError, unreachable } from '../core/errors.js';
import type { FactBatch } from '../record/history.js';
import { noProgress } from './merged-progress.js';
import type {
  Disturbance,
  FromWorker,
  GeneratorWindow,
  Progress,
  RunnerChannel,
  ToPhase,
  WorkerPhase,
} from './protocol.js';

/** Where a link passes on what its worker reports. */
export interface WorkerReports {
  facts(facts: FactBatch): void;
  progress(): void;
  generator(window: GeneratorWindow): void;
}

/** The runner's view of one worker: its last progress, and a promise for the phase that it is in. */
export class WorkerLink {
  readonly #channel: RunnerChannel;
  readonly #reports: WorkerReports;
  readonly #name: string;
  #pending: { phase: WorkerPhase; resolve: () => void; reject: (error: Error) => void } | undefined;
  /** Why the worker is of no use any more; it is told to every later request. */
  #failure: AppError | undefined;
  #finished = false;
  readonly #disturbing = new Map<number, Deferred<number>>();
  #requests = 0;
  progress: Progress = noProgress;

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
  async perform(message: ToPhase): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#pending !== undefined) throw new Error(`${this.#name} is still busy with ${this.#pending.phase}`);
    const done = new Promise<void>((resolve, reject) => {
      this.#pending = { phase: message.type, resolve, reject };
    });
    this.#channel.send(message);
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

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'facts':
        this.#reports.facts(message.facts);
        break;
      case 'generator':
        this.#reports.generator(message.window);
        break;
      case 'progress':
        this.progress = message.progress;
        this.#reports.progress();
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

  #done(phase: WorkerPhase, progress: Progress): void {
    this.progress = progress;
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
