import { sendDrainFences } from '../client/drain.js';
import { Pacer } from '../client/pacer.js';
import { nowMicros, nowMs, sleep, waitUntil } from '../core/clock.js';
import { AppError, messageOf, unreachable } from '../core/errors.js';
import { StallWatch } from '../core/stall-watch.js';
import { isEmptyBatch } from '../record/batch-json.js';
import { startAbsences } from './absences.js';
import { type Crowd, createCrowd } from './crowd.js';
import { disturbCrowd } from './disturbance.js';
import { GeneratorMeter } from './generator-meter.js';
import { noProgress } from './merged-progress.js';
import { Opener } from './opener.js';
import {
  type Progress,
  protocolVersion,
  type ToWorker,
  type WorkerChannel,
  type WorkerCommand,
  type WorkerPhase,
} from './protocol.js';
import { dueTimesOf } from './schedule.js';

const reportEveryMs = 250;
/** Reports further apart than this say that the worker stood still. */
const stallMs = 500;
/** How long receipts of the last messages may take after the load, and a goodbye at the end. */
const settleTimeoutMs = 5000;
const closeTimeoutMs = 5000;
/** How long publishers that are away at the end of the load are waited for. */
const drainWaitMs = 10_000;

/** One worker: its clients, and the phases that the runner leads it through. */
class Worker {
  readonly #channel: WorkerChannel;
  readonly #opener = new Opener();
  readonly #meter: GeneratorMeter;
  #crowd: Crowd | undefined;
  #worker = 0;
  #workers = 1;
  #pacer: Pacer | undefined;
  #stopAbsences: (() => void) | undefined;
  #stopDrain: (() => void) | undefined;
  #reporter: NodeJS.Timeout | undefined;
  #state: 'new' | 'prepared' | 'loading' | 'stopping' | 'closing' | 'ended' = 'new';
  #ended: () => void = () => undefined;
  readonly done: Promise<void>;

  constructor(channel: WorkerChannel) {
    this.#channel = channel;
    this.#meter = new GeneratorMeter(
      (window) => this.#channel.send({ type: 'generator', window: { ...window, worker: this.#worker } }),
      () => this.#crowd?.tally.droppedSends ?? 0,
    );
    this.done = new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  receive(message: ToWorker): void {
    if (this.#state === 'ended') return;
    if (message.type === 'stop') return this.#stopLoad();
    if (message.type === 'clock') {
      this.#channel.send({ ...message, readAtMicros: nowMicros() });
      return;
    }
    if (message.type === 'disturb') return this.#disturb(message);
    const phase = message.type;
    this.#perform(message).then(
      () => this.#finish(phase),
      (error) => this.fail(error),
    );
  }

  /** The worker is of no use any more, and says why. */
  fail(error: unknown): void {
    if (this.#state === 'ended') return;
    this.#report();
    const known = error instanceof AppError ? error : new AppError('internal', messageOf(error), { cause: error });
    this.#channel.send({ type: 'failed', code: known.code, message: known.message, hint: known.hint });
    this.abandon();
  }

  /** Drops everything at once. */
  abandon(): void {
    for (const client of this.#crowd?.clients ?? []) client.close();
    this.#end();
  }

  async #perform(message: WorkerCommand): Promise<void> {
    switch (message.type) {
      case 'prepare':
        return this.#prepare(message);
      case 'connect':
        return this.#connect(this.#prepared(), message.ratePerSecond);
      case 'fence':
        return this.#fence(this.#prepared());
      case 'start':
        return this.#load(this.#prepared(), message.t0Micros);
      case 'drain':
        return this.#drain(this.#prepared());
      case 'close':
        return this.#close();
      default:
        return unreachable(message);
    }
  }

  #disturb({ request, disturbance }: Extract<ToWorker, { type: 'disturb' }>): void {
    disturbCrowd(this.#prepared(), disturbance).then(
      (clients) => this.#channel.send({ type: 'disturbed', request, clients }),
      (error) => this.fail(error),
    );
  }

  #prepared(): Crowd {
    if (this.#crowd === undefined) throw new AppError('internal', 'A worker was used before it was prepared.');
    return this.#crowd;
  }

  async #prepare(message: Extract<ToWorker, { type: 'prepare' }>): Promise<void> {
    if (message.version !== protocolVersion || this.#state !== 'new') {
      throw new AppError('internal', `The worker speaks version ${protocolVersion}, the runner ${message.version}.`, {
        hint: 'Run the same version of cluster-chat everywhere.',
      });
    }
    const { spec, worker, workers } = message;
    [this.#worker, this.#workers] = [worker, workers];
    this.#crowd = await createCrowd(spec, { worker, workers, onFatal: (error) => this.fail(error) });
    this.#state = 'prepared';
    this.#reporter = this.#startReporting();
  }

  /** What came while it stood still is read after the turn of the timer: until then its progress is an old one. */
  #startReporting(): NodeJS.Timeout {
    const stalls = new StallWatch(stallMs, nowMs());
    let isSilent = false;
    return setInterval(() => {
      // For one turn: a worker that is always late tells at last.
      isSilent = stalls.isAfterStall(nowMs()) && !isSilent;
      if (isSilent) this.#sendFacts();
      else this.#report();
    }, reportEveryMs);
  }

  async #connect(crowd: Crowd, ratePerSecond: number): Promise<void> {
    crowd.prober.start();
    this.#opener.open(
      crowd.groups.map(({ group, clients }) => ({
        clients,
        ratePerSecond: Math.min((group.connectRatePerSecond ?? Infinity) / this.#workers, ratePerSecond),
      })),
    );
    const { tally } = crowd;
    await this.#until(() => tally.connected >= crowd.clients.length && tally.confirmed >= crowd.subscriptions);
  }

  async #fence(crowd: Crowd): Promise<void> {
    await this.#until(() => crowd.prober.pendingCount === 0);
  }

  async #load(crowd: Crowd, t0Micros: number): Promise<void> {
    if (this.#state === 'prepared') this.#state = 'loading';
    const { spec, tally } = crowd;
    const startMicros = t0Micros + spec.warmupMs * 1000;
    crowd.canaries.start();
    await this.#pace(crowd, 'warm-up', t0Micros, startMicros);
    const endMicros = startMicros + spec.durationMs * 1000;
    const { clients, run } = crowd;
    if (this.#state === 'loading') {
      this.#stopAbsences = startAbsences(clients, run.settings, { seed: spec.seed, startMicros, endMicros });
    }
    this.#meter.start();
    try {
      await this.#pace(crowd, 'load', startMicros, endMicros);
    } finally {
      this.#meter.stop();
      this.#stopAbsences?.();
      crowd.canaries.stop();
    }
    // What has no receipt by then stays indeterminate, and that is for the ledger to say.
    await waitUntil(() => tally.unsettled === 0 || this.#state === 'ended', { timeoutMs: settleTimeoutMs });
    if (this.#state === 'loading' || this.#state === 'stopping') this.#state = 'prepared';
  }

  /** Tells publishers when to send, from `startMicros` to `endMicros`. */
  async #pace(crowd: Crowd, part: 'warm-up' | 'load', startMicros: number, endMicros: number): Promise<void> {
    if (this.#state !== 'loading') return;
    const { clients, spec, run, tally } = crowd;
    await new Promise<void>((resolve) => {
      const onDue = (slot: number, dueMicros: number): void => {
        const publisher = clients[slot]?.publisher;
        if (publisher === undefined) return;
        if (part === 'warm-up') return publisher.warm(dueMicros);
        const before = tally.sent;
        publisher.due(dueMicros);
        if (tally.sent > before) this.#meter.slipped(nowMicros() - dueMicros);
      };
      const pacer = new Pacer({ onDue, endMicros, onEnd: resolve });
      for (const [slot, client] of clients.entries()) {
        const settings = run.settings[client.index];
        const times = settings === undefined ? undefined : dueTimesOf(spec, settings, startMicros, part);
        if (times !== undefined) pacer.add(slot, times);
      }
      this.#pacer = pacer;
      pacer.start();
    });
  }

  #stopLoad(): void {
    if (this.#state === 'loading') this.#state = 'stopping';
    this.#pacer?.stop();
  }

  async #drain(crowd: Crowd): Promise<void> {
    const { clients, subscriberCounts } = crowd;
    const drain = sendDrainFences(clients, { counts: subscriberCounts, waitMs: drainWaitMs, share: 1 / this.#workers });
    this.#stopDrain = drain.stop;
    await drain.done;
  }

  async #close(): Promise<void> {
    this.#stopLoad();
    this.#state = 'closing';
    this.#stopDrain?.();
    this.#opener.close();
    const clients = this.#crowd?.clients ?? [];
    // In portions: thousands of goodbyes at once would only meet their own time limit.
    for (let i = 0; i < clients.length; i += 200) {
      for (const client of clients.slice(i, i + 200)) client.close();
      if (i + 200 < clients.length) await sleep(10);
    }
    await waitUntil(() => clients.every((client) => client.state === 'closed'), { timeoutMs: closeTimeoutMs });
  }

  async #until(condition: () => boolean): Promise<void> {
    // Bounded by the runner, whose patience ends with `close` or with the channel.
    while (!condition() && this.#state !== 'closing' && this.#state !== 'ended') await sleep(20);
  }

  #finish(phase: WorkerPhase): void {
    if (this.#state === 'ended') return;
    this.#sendFacts();
    this.#channel.send({ type: 'done', phase, progress: this.#progress() });
    if (phase === 'close') this.#end();
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    clearInterval(this.#reporter);
    this.#opener.close();
    this.#stopDrain?.();
    this.#pacer?.stop();
    this.#meter.stop();
    this.#stopAbsences?.();
    this.#crowd?.canaries.close();
    this.#crowd?.prober.close();
    this.#crowd?.closeEngines();
    this.#ended();
  }

  #report(): void {
    this.#sendFacts();
    this.#channel.send({ type: 'progress', progress: this.#progress() });
  }

  #sendFacts(): void {
    const facts = this.#crowd?.recorder.take();
    if (facts !== undefined && !isEmptyBatch(facts)) this.#channel.send({ type: 'facts', facts });
  }

  #progress(): Progress {
    const crowd = this.#crowd;
    if (crowd === undefined) return noProgress;
    const { clients, subscriptions, drainExpected, prober, tally } = crowd;
    const { unsettled: _, forsaken, ...counted } = tally;
    return {
      ...counted,
      clients: clients.length,
      subscriptions: subscriptions - forsaken,
      drainExpected,
      unfenced: prober.pendingCount,
      unreached: prober.unreached.map((row) => [...row]),
      connectPeakPerSecond: this.#opener.peakPerSecond,
    };
  }
}

/**
 * Lives one worker's life: does what the runner asks over the channel, reports facts and progress every
 * 250 ms, though no progress right after it stood still, and resolves after `close`, after a failure that it has told,
 * or when the runner is gone.
 */
export async function runWorker(channel: WorkerChannel): Promise<void> {
  const worker = new Worker(channel);
  channel.onMessage((message) => worker.receive(message));
  channel.onClosed(() => worker.abandon());
  await worker.done;
}
