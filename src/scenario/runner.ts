import type { ClusterEvent } from '../cluster/event.js';
import { eventWords } from '../cluster/event-line.js';
import { nowMicros, waitUntil } from '../core/clock.js';
import { AppError, messageOf } from '../core/errors.js';
import { createRandom, randomToken } from '../core/random.js';
import type { FaultRequest, Injection } from '../faults/fault.js';
import { Injector } from '../faults/injector.js';
import { openWorkers, type Workers } from '../load/gather.js';
import type { GeneratorWindow, RunnerChannel } from '../load/protocol.js';
import { createLedger, type Ledger } from '../record/ledger.js';
import type { Manifest, Result } from '../record/result.js';
import { eventsSchema, type RunFolder } from '../record/run-folder.js';
import type { EventLine, ProcessStatus, RunSnapshot } from '../record/snapshot.js';
import { runFaultSchedule } from './fault-schedule.js';
import { toLoadSpec } from './load-mapping.js';
import { assembleResult, excusedBy, faultFactsOf, faultReports } from './run-result.js';
import { RunView } from './run-view.js';
import { SaturationJudge } from './saturation.js';
import type { Scenario } from './scenario.js';
import { describeStep } from './step-words.js';
import { openSystem, type System } from './system.js';
import { judgeThresholds } from './thresholds.js';
import { judge } from './verdict.js';

export interface RunOptions {
  readonly seed: number;
  /** Worker processes that carry the clients. */
  readonly workers: number;
  /** The environment of the processes that are started. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isExecAllowed: boolean;
  /** Where facts and logs go; undefined keeps nothing. */
  readonly folder: RunFolder | undefined;
  /** What the caller knows about itself; the rest of the manifest is added. */
  readonly about: Pick<Manifest, 'version' | 'node' | 'platform' | 'cpus' | 'startedAt' | 'scenario' | 'command'>;
  /** Ends the load early: the run drains, reports, and calls itself partial. */
  readonly stop: AbortSignal;
  /** Ends everything at once; `runScenario` rejects with its reason. */
  readonly abort: AbortSignal;
  readonly onEvent: (line: EventLine) => void;
  /** Called about twice a second. */
  readonly onSnapshot?: ((snapshot: RunSnapshot, processes: readonly ProcessStatus[]) => void) | undefined;
  /** Called once the system runs, with the door for those who want to break it by hand. */
  readonly onSystem?: ((inject: Inject) => void) | undefined;
}

/** Does a fault by hand; it becomes part of the run's record like a step. Rejects when it did not happen. */
export type Inject = (name: string, request: FaultRequest) => Promise<void>;

const snapshotEveryMs = 500;
/** First connects per second and worker, unless a group says otherwise. */
const connectRatePerSecond = 500;
/** How long clients may take to come back after the load, before the drain begins without them. */
const comeBackMs = 20_000;
const partialDrainMs = 10_000;
const drainTimeoutMs = 120_000;

/** One run of a scenario, from the first process to the result. */
class Run implements AsyncDisposable {
  readonly #scenario: Scenario;
  readonly #options: RunOptions;
  readonly #view: RunView;
  readonly #saturation = new SaturationJudge();
  readonly #injections: Injection[] = [];
  #system: System | undefined;
  #workers: Workers | undefined;
  #ledger: Ledger | undefined;
  #injector: Injector | undefined;
  #snapshots: NodeJS.Timeout | undefined;
  #recentP99Ms = 0;
  #recentAtMicros = 0;
  #cutBecause: string | undefined;

  constructor(scenario: Scenario, options: RunOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#view = new RunView(scenario, options.seed, (line) => {
      options.folder?.event({ type: 'noted', ...line });
      options.onEvent(line);
    });
  }

  async perform(): Promise<Result> {
    const { workers, ledger } = await this.#start();
    await this.#gatherClients(workers);
    const loadStartMicros = await this.#load(workers);
    const isDrained = await this.#drain(workers);
    await workers.close();
    this.#view.phase = 'report';
    return this.#conclude(workers, ledger, loadStartMicros, isDrained);
  }

  /** Ends every process, whatever state the run is in. Faults are undone first: a paused process cannot end. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#snapshots);
    await this.#injector?.heal();
    const isHurried = this.#options.abort.aborted;
    if (!isHurried) await this.#workers?.close();
    await this.#system?.cluster.close(isHurried ? { graceMs: 0 } : {});
  }

  async #start(): Promise<{ workers: Workers; ledger: Ledger }> {
    const { abort, env, folder, isExecAllowed, seed } = this.#options;
    const system = await openSystem(this.#scenario, {
      env,
      logFolder: folder?.path,
      signal: abort,
      isExecAllowed,
      onEvent: (event) => this.#clusterEvent(event),
    });
    this.#system = system;
    this.#injector = new Injector(system.cluster);
    this.#options.onSystem?.((name, request) => this.#injectByHand(name, request));
    const channels = await Promise.all(
      Array.from({ length: this.#options.workers }, (_, index) => this.#launchWorker(system, index)),
    );
    const spec = toLoadSpec(this.#scenario, system, { runId: randomToken(4), seed });
    const workers = await openWorkers(channels, spec, {
      onFacts: (facts) => {
        ledger.add(facts);
        folder?.facts(facts);
      },
      onGenerator: (window) => this.#generatorWindow(window, ledger),
    });
    this.#workers = workers;
    const ledger = createLedger(workers.plan, { deadlineMs: this.#scenario.deadlineMs });
    this.#ledger = ledger;
    folder?.event({ type: 'run-started', schema: eventsSchema, plan: workers.plan, seed, scenario: this.#scenario });
    if (this.#options.onSnapshot !== undefined) {
      this.#snapshots = setInterval(() => this.#publishSnapshot(), snapshotEveryMs);
    }
    return { workers, ledger };
  }

  async #launchWorker(system: System, index: number): Promise<RunnerChannel> {
    const name = `worker-${index + 1}`;
    const child = await system.cluster.launch({
      name,
      role: 'worker',
      command: { type: 'own', args: ['worker', '--name', name] },
      host: '127.0.0.1',
      port: null,
      env: {},
    });
    return {
      send: (message) => child.send(message),
      onMessage: (listener) => child.onMessage((message) => listener(message as Parameters<typeof listener>[0])),
      onClosed: (listener) => child.onClosed(listener),
    };
  }

  /** Connects everybody and proves with fences that each node reaches each subscriber. */
  async #gatherClients(workers: Workers): Promise<void> {
    const signal = AbortSignal.any([this.#options.abort, this.#options.stop]);
    const clients = this.#scenario.clients.reduce((sum, group) => sum + group.count, 0);
    const slowestPerSecond = Math.min(
      ...this.#scenario.clients.map((group) => group.connect.ratePerSecond ?? Number.POSITIVE_INFINITY),
      connectRatePerSecond,
    );
    const timeoutMs = 30_000 + (clients / slowestPerSecond) * 2_000;
    await workers.connect({ timeoutMs, ratePerSecond: connectRatePerSecond, signal });
    this.#view.phase = 'fences';
    this.#view.say(`${clients} clients connected and subscribed`);
    await workers.fence({ timeoutMs: this.#scenario.fenceTimeoutMs + 2_000, signal });
    this.#sayUnreached(workers);
  }

  #sayUnreached(workers: Workers): void {
    const { unreached } = workers.progress();
    const names = workers.plan.nodes;
    const pairs = unreached.flatMap((row, origin) =>
      row.flatMap((count, node) => (count > 0 ? [`${names[origin]} to ${names[node]}`] : [])),
    );
    if (pairs.length === 0) return;
    const some = pairs.slice(0, 6).join(', ') + (pairs.length > 6 ? ` and ${pairs.length - 6} more` : '');
    this.#view.say(`messages do not get through from ${some}`, 'warning');
  }

  /** Warm-up and load with their faults. @returns when the load began, in microseconds */
  async #load(workers: Workers): Promise<number> {
    const { abort, stop, seed, folder } = this.#options;
    const t0Micros = nowMicros() + 250_000;
    const loadStartMicros = t0Micros + this.#scenario.warmupMs * 1000;
    this.#view.loadStartMicros = loadStartMicros;
    this.#view.phase = this.#scenario.warmupMs > 0 ? 'warm-up' : 'load';
    folder?.event({ type: 'load-started', atMicros: loadStartMicros });
    const ended = new AbortController();
    const schedule = runFaultSchedule({
      steps: this.#scenario.steps,
      nodes: workers.plan.nodes,
      injector: this.#injector as Injector,
      loadStartMicros,
      random: createRandom(seed).fork('faults'),
      signal: AbortSignal.any([ended.signal, abort, stop]),
      onStarted: (step, name) => this.#view.say(describeStep(step, name), 'warning'),
      onInjected: (injection) => this.#injected(injection, loadStartMicros),
    });
    try {
      await workers.start({ t0Micros, signal: AbortSignal.any([abort, stop]) });
    } catch (error) {
      this.#cut(error);
    } finally {
      ended.abort();
    }
    // A drain that was begun in time is part of the run; its end must be seen.
    await schedule;
    abort.throwIfAborted();
    this.#view.say('the load has ended');
    return loadStartMicros;
  }

  /** Undoes faults, waits for those who are away, then for the last fence of everybody to everybody. */
  async #drain(workers: Workers): Promise<boolean> {
    const { abort, stop } = this.#options;
    this.#view.phase = 'drain';
    for (const failure of (await this.#injector?.heal()) ?? []) this.#view.say(failure, 'error');
    if (this.#cutBecause !== undefined) return false;
    const timeoutMs = stop.aborted ? partialDrainMs : drainTimeoutMs;
    try {
      await waitUntil(() => this.#isEverybodyBack(workers), {
        timeoutMs: Math.min(comeBackMs, timeoutMs),
        everyMs: 50,
        signal: abort,
      });
      const quietMs = this.#scenario.drain.quietMs;
      const drained = await workers.drain({ timeoutMs, quietMs, signal: abort });
      if (!drained.complete) this.#view.say(`${drained.arrived} of ${drained.expected} last fences arrived`, 'warning');
      return drained.complete;
    } catch (error) {
      this.#cut(error);
      return false;
    }
  }

  #isEverybodyBack(workers: Workers): boolean {
    const { confirmed, subscriptions } = workers.progress();
    return workers.failure() !== undefined || confirmed >= subscriptions;
  }

  #conclude(workers: Workers, ledger: Ledger, loadStartMicros: number, isDrained: boolean): Result {
    const { options, scenario } = { options: this.#options, scenario: this.#scenario };
    const { plan } = workers;
    const endMicros = nowMicros();
    const account = ledger.settle({
      nowMicros: endMicros,
      faults: faultFactsOf(this.#injections, plan),
      excused: excusedBy(scenario.contract, this.#injections, scenario.settleMs),
    });
    const { generator } = this.#saturation;
    const thresholds = judgeThresholds(scenario.thresholds, account, generator.saturated);
    const faults = faultReports(this.#injections, account.faults, loadStartMicros);
    const { contract } = scenario;
    const cutBecause = this.#cutBecause;
    const result = assembleResult({
      ...{ scenario, plan, account, faults, generator, thresholds, loadStartMicros },
      ...judge({ contract, account, thresholds, faults, generator, isDrained, cutBecause }),
      partial: options.stop.aborted,
      seed: options.seed,
      manifest: this.#manifest(plan.clients.length, endMicros - loadStartMicros),
    });
    options.folder?.event({ type: 'run-ended', atMicros: endMicros, verdict: result.verdict });
    return result;
  }

  #manifest(clients: number, ranMicros: number): Manifest {
    const engines = new Set(this.#scenario.clients.map((group) => group.engine));
    return {
      ...this.#options.about,
      brokerKind: this.#system?.brokerKind ?? '',
      balancerKind: this.#system?.balancerKind ?? '',
      nodes: this.#system?.nodes.length ?? 0,
      clients,
      workers: this.#options.workers,
      engine: [...engines].join('+'),
      // An early end makes the load shorter, the drain does not make it longer.
      durationMs: Math.max(0, Math.min(this.#scenario.durationMs, Math.round(ranMicros / 1000))),
    };
  }

  /** A worker that died takes its evidence along: the run can still be reported, but not judged. */
  #cut(error: unknown): void {
    this.#options.abort.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    this.#cutBecause = error.message;
    this.#view.say(error.message, 'error');
  }

  async #injectByHand(name: string, request: FaultRequest): Promise<void> {
    const injection = await this.#injector?.inject(name, request);
    if (injection === undefined) return;
    this.#view.say(`${request.type} ${name}, by hand`, 'warning');
    this.#injected(injection, this.#view.loadStartMicros ?? injection.atMicros);
    if (injection.failure !== undefined) throw new AppError('control-failed', injection.failure);
  }

  #injected(injection: Injection, loadStartMicros: number): void {
    this.#injections.push(injection);
    const [report] = faultReports([injection], [], loadStartMicros);
    if (report !== undefined) {
      const { droppedClients, noticedMs, recoveredMs, missing, ...fault } = report;
      this.#options.folder?.event({ type: 'fault-injected', fault, atMicros: injection.atMicros });
    }
    if (injection.failure !== undefined) this.#view.say(injection.failure, 'error');
  }

  #generatorWindow(window: GeneratorWindow, ledger: Ledger): void {
    const loadStartMicros = this.#view.loadStartMicros ?? Number.POSITIVE_INFINITY;
    const loadEndMicros = loadStartMicros + this.#scenario.durationMs * 1000;
    if (window.toMicros <= loadStartMicros || window.fromMicros >= loadEndMicros) return;
    // All workers report the same 5 s one after the other; the deliveries of those 5 s are taken once.
    if (window.toMicros - this.#recentAtMicros > 2_500_000) {
      this.#recentP99Ms = ledger.takeRecentResponse().quantileMs(99) ?? 0;
      this.#recentAtMicros = window.toMicros;
    }
    this.#saturation.add(window, this.#recentP99Ms);
  }

  #clusterEvent(event: ClusterEvent): void {
    // That a process was started says nothing that its readiness will not say too.
    if (event.type === 'process-started') return;
    // In the end every process goes.
    if (event.type === 'process-exited' && this.#view.phase === 'report') return;
    const { text, level } = eventWords(event);
    this.#view.say(text, level);
  }

  #publishSnapshot(): void {
    const { onSnapshot } = this.#options;
    if (this.#ledger === undefined || this.#workers === undefined || this.#system === undefined) return;
    const { loadStartMicros, phase } = this.#view;
    if (phase === 'warm-up' && nowMicros() >= (loadStartMicros ?? 0)) this.#view.phase = 'load';
    const { connected, clients } = this.#workers.progress();
    const snapshot = this.#view.snapshot({
      ledger: this.#ledger,
      generator: this.#saturation.generator,
      faults: faultReports(this.#injections, [], loadStartMicros ?? 0),
      connected,
      clients,
    });
    onSnapshot?.(snapshot, this.#system.cluster.lastStatus);
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
    return await run.perform();
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
