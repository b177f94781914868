import type { ClusterEvent } from '../cluster/event.js';
import { eventWords } from '../cluster/event-line.js';
import { nowMicros, sleep } from '../core/clock.js';
import { AppError, messageOf } from '../core/errors.js';
import { formatDuration } from '../core/quantity.js';
import { createRandom, randomToken } from '../core/random.js';
import { openWorkers, type Workers } from '../load/gather.js';
import type { GeneratorWindow } from '../load/protocol.js';
import { JournalFolder } from '../record/journal-folder.js';
import type { Result } from '../record/result.js';
import { Bookkeeping } from './bookkeeping.js';
import { clientDoorOf } from './client-door.js';
import { drainClients } from './drain.js';
import { everybodyBack } from './everybody-back.js';
import { FaultRecord } from './fault-record.js';
import { faultScene } from './fault-scene.js';
import { gatherClients } from './gather-clients.js';
import { findCrossed } from './live-threshold.js';
import { toLoadSpec } from './load-mapping.js';
import { orAborted } from './or-aborted.js';
import { eventsSchema } from './run-event.js';
import type { RunOptions } from './run-options.js';
import { RunRecord } from './run-record.js';
import { RunView } from './run-view.js';
import { SaturationJudge } from './saturation.js';
import type { Scenario } from './scenario.js';
import { openSystem, type System } from './system.js';
import type { Crossed } from './thresholds.js';
import { UsageWatch } from './usage-watch.js';
import { withoutSecrets } from './without-secrets.js';
import { launchWorkers } from './worker-launch.js';

/** How often the run is looked at while it goes on: for those who watch, and for thresholds that end it. */
const lookEveryMs = 500;

/** One run of a scenario, from the first process to the result. */
class Run implements AsyncDisposable {
  readonly #scenario: Scenario;
  readonly #options: RunOptions;
  readonly #view: RunView;
  readonly #saturation = new SaturationJudge();
  readonly #record: RunRecord;
  #opening: Promise<System> | undefined;
  #system: System | undefined;
  #workers: Workers | undefined;
  #books: Bookkeeping | undefined;
  /** Ends the load from within. */
  readonly #stop = new AbortController();
  #faults: FaultRecord | undefined;
  #usage: UsageWatch | undefined;
  #journals: JournalFolder | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(scenario: Scenario, options: RunOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#record = new RunRecord(options.folder);
    this.#view = new RunView(scenario, options.seed, (line) => {
      this.#record.tell({ type: 'noted', ...line });
      options.onEvent(line);
    });
    const onStop = (): void => {
      this.#record.tell({ type: 'stop-requested' });
      this.#view.say('ending early: drain, then report; once more to end at once', 'warning');
    };
    options.stop.addEventListener('abort', onStop, { once: true });
  }

  async perform(): Promise<Result> {
    const { workers, books } = await this.#start();
    const signal = AbortSignal.any([this.#options.abort, this.#options.stop]);
    await gatherClients(this.#scenario, workers, this.#view, signal);
    await this.#load(workers);
    this.#record.tell({ type: 'drained', complete: await this.#drain(workers) });
    await workers.close();
    this.#view.phase = 'report';
    this.#view.sayClocks(workers.offsets);
    return books.conclude();
  }

  /** Ends every process, whatever state the run is in. Faults are undone first: a paused process cannot say goodbye. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    // Broken off at the start, it takes down by itself what it has begun.
    await this.#opening?.catch(() => undefined);
    const isHurried = this.#options.abort.aborted;
    if (!isHurried) {
      await this.#faults?.heal();
      await this.#workers?.close();
    }
    // A command of the user's may have done something to what is not ours to kill.
    else await this.#faults?.heal('command');
    // In a hurry everything is killed, which needs no healing: a paused process dies of it too.
    await this.#system?.cluster.close(isHurried ? { graceMs: 0 } : {});
    await this.#journals?.[Symbol.asyncDispose]();
  }

  async #start(): Promise<{ workers: Workers; books: Bookkeeping }> {
    const { abort, stop, env, folder, isExecAllowed, seed, about } = this.#options;
    const signal = AbortSignal.any([abort, stop]);
    const scenario = withoutSecrets(this.#scenario);
    this.#record.tell({
      type: 'run-started',
      schema: eventsSchema,
      seed,
      workers: this.#options.workers,
      about,
      scenario,
    });
    const journals = await JournalFolder.create(folder?.path);
    this.#journals = journals;
    this.#opening = openSystem(this.#scenario, {
      env,
      logFolder: folder?.path,
      journalFolder: journals.path,
      signal,
      isExecAllowed,
      onEvent: (event) => this.#clusterEvent(event),
    });
    const system = await this.#opening;
    this.#system = system;
    const doors = { clients: clientDoorOf(() => this.#workers), record: folder };
    const faults = new FaultRecord(faultScene(system.cluster, this.#options, doors), this.#view, (injection) =>
      this.#record.tell({ type: 'fault-injected', injection }),
    );
    this.#faults = faults;
    this.#usage = new UsageWatch(system.cluster, (atMicros, processes) => {
      // A look that comes back late is of no load any more.
      if (this.#view.phase === 'load') this.#record.tell({ type: 'usage-measured', atMicros, processes });
    });
    this.#options.onSystem?.(faults.injectByHand);
    const channels = await launchWorkers(system.cluster, this.#options.workers, signal);
    const spec = toLoadSpec(this.#scenario, system, { runId: randomToken(4), seed });
    const workers = await openWorkers(channels, spec, {
      onFacts: (facts) => {
        if (!books.receive(facts)) this.#stop.abort();
      },
      onGenerator: (window) => this.#generatorWindow(window, books),
    });
    this.#workers = workers;
    const books = new Bookkeeping({
      ...{ scenario: this.#scenario, workers, record: this.#record, view: this.#view },
      witnesses: { cluster: system.cluster, nodes: workers.plan.nodes, journals },
    });
    this.#books = books;
    const { brokerKind, balancerKind, nodes } = system;
    this.#record.tell({ type: 'system-ready', plan: workers.plan, nodes: nodes.length, brokerKind, balancerKind });
    this.#watch = setInterval(() => this.#look(), lookEveryMs);
    return { workers, books };
  }

  /** Warm-up and load with their faults. */
  async #load(workers: Workers): Promise<void> {
    const early = AbortSignal.any([this.#options.abort, this.#options.stop, this.#stop.signal]);
    const { warmupMs } = this.#scenario;
    const warmup = warmupMs > 0 ? `warm-up of ${formatDuration(warmupMs)}, then the load` : 'the load';
    this.#view.say(`${warmup}; from its start on times count anew`);
    const t0Micros = nowMicros() + 250_000;
    const loadStartMicros = t0Micros + warmupMs * 1000;
    this.#view.loadStartMicros = loadStartMicros;
    this.#view.phase = warmupMs > 0 ? 'warm-up' : 'load';
    this.#record.tell({ type: 'load-started', atMicros: loadStartMicros });
    const ended = new AbortController();
    const disturbed = this.#disturb(workers, loadStartMicros, { early, ended: ended.signal });
    try {
      await workers.start({ t0Micros, signal: early });
    } catch (error) {
      this.#cut(error);
    } finally {
      ended.abort();
    }
    await disturbed;
    this.#options.abort.throwIfAborted();
    await this.#usage?.measure();
    this.#view.say('the load has ended');
  }

  /** The faults of the load. What lasts to its end is undone there: its last receipts are waited for without it. */
  async #disturb(
    workers: Workers,
    loadStartMicros: number,
    { early, ended }: { readonly early: AbortSignal; readonly ended: AbortSignal },
  ): Promise<void> {
    const over = new AbortController();
    const steps = this.#faults?.performSteps(this.#scenario, {
      nodes: workers.plan.nodes,
      loadStartMicros,
      random: createRandom(this.#options.seed).fork('faults'),
      signal: over.signal,
      isEndedEarly: () => early.aborted,
      everybodyBack: (signal) => everybodyBack(workers, signal),
    });
    const leftMs = (loadStartMicros - nowMicros()) / 1000 + this.#scenario.durationMs;
    await sleep(leftMs, AbortSignal.any([early, ended])).catch(() => undefined);
    over.abort();
    // A drain that was begun in time is part of the run; its end must be seen.
    await steps;
    if (!this.#options.abort.aborted) await this.#faults?.heal();
  }

  /** Undoes what was done by hand since, waits for those who are away, then for the last fence of everybody to everybody. */
  async #drain(workers: Workers): Promise<boolean> {
    const { abort, stop } = this.#options;
    this.#view.phase = 'drain';
    await this.#faults?.heal();
    if (this.#record.story.cutBecause !== undefined || this.#system === undefined) return false;
    try {
      const { quietMs } = this.#scenario.drain;
      const drained = await drainClients(workers, { cluster: this.#system.cluster, quietMs, stop, abort });
      if (!drained.complete) this.#view.say(`${drained.arrived} of ${drained.expected} last fences arrived`, 'warning');
      return drained.complete;
    } catch (error) {
      this.#cut(error);
      return false;
    }
  }

  /** A worker that died takes its evidence along: the run can still be reported, but not judged. */
  #cut(error: unknown): void {
    this.#options.abort.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    this.#record.tell({ type: 'evidence-cut', because: error.message });
    this.#view.say(error.message, 'error');
  }

  #generatorWindow(window: GeneratorWindow, books: Bookkeeping): void {
    const loadStartMicros = this.#view.loadStartMicros ?? Number.POSITIVE_INFINITY;
    const loadEndMicros = loadStartMicros + this.#scenario.durationMs * 1000;
    if (window.toMicros <= loadStartMicros || window.fromMicros >= loadEndMicros) return;
    this.#saturation.add(window, () => books.takeRecentResponse().quantileMs(99) ?? 0);
    this.#record.tell({ type: 'generator', generator: this.#saturation.generator });
  }

  #clusterEvent(event: ClusterEvent): void {
    // That a process was started says nothing that its readiness will not say too.
    if (event.type === 'process-started') return;
    // In the end every process goes.
    if (event.type === 'process-exited' && this.#view.phase === 'report') return;
    const { text, level } = eventWords(event);
    this.#view.say(text, level);
  }

  #look(): void {
    const { onSnapshot } = this.#options;
    const { thresholds } = this.#scenario;
    if (this.#books === undefined || this.#workers === undefined || this.#system === undefined) return;
    const { loadStartMicros, phase } = this.#view;
    this.#record.tick();
    this.#books.forget(this.#faults?.completeToMicros() ?? nowMicros());
    if (phase === 'load') this.#usage?.look();
    if (phase === 'warm-up' && nowMicros() >= (loadStartMicros ?? 0)) this.#view.phase = 'load';
    if (onSnapshot === undefined && !thresholds.some(({ abortOnFail }) => abortOnFail)) return;
    const live = this.#books.live();
    const { generator } = this.#saturation;
    this.#endIfCrossed(findCrossed(thresholds, live, generator.saturated));
    const { connected, clients } = this.#workers.progress();
    const faults = this.#faults?.reports() ?? [];
    onSnapshot?.(this.#view.snapshot({ generator, faults, connected, clients }, live), this.#system.cluster.lastStatus);
  }

  #endIfCrossed(crossed: Crossed | undefined): void {
    if (crossed === undefined || this.#record.story.crossed !== undefined || this.#view.phase !== 'load') return;
    const { threshold, actual } = crossed;
    const { metric, text } = threshold;
    this.#record.tell({ type: 'threshold-crossed', index: this.#scenario.thresholds.indexOf(threshold), actual });
    this.#view.say(`${metric} ${text} does not hold: the load ends here`, 'error');
    this.#stop.abort();
  }
}

/**
 * Runs a scenario and judges it. Never writes to stdout, sets no signal handler, leaves no process behind.
 * @throws AppError for what keeps the run from being judged at all; the reason of `abort` when that ended it, and
 * that of `stop` when it came before the load
 */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<Result> {
  await using run = new Run(scenario, options);
  try {
    return await orAborted(run.perform(), options.abort);
  } catch (error) {
    options.abort.throwIfAborted();
    // Broken off before the load: there is nothing to report yet.
    if (isAbortError(error)) options.stop.throwIfAborted();
    throw error instanceof AppError ? error : new AppError('internal', messageOf(error), { cause: error });
  }
}

function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
