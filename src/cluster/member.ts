import { nowMs, waitUntil } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { Moment } from '../core/moment.js';
import type { ProcessStatus } from '../record/snapshot.js';
import { Child, type ChildOptions } from './child.js';
import type { KillOutcome } from './cluster.js';
import { isPortTaken } from './crash-report.js';
import type { ProcessChange } from './event.js';
import type { Exit } from './exit.js';
import { askHealth, unknownHealth } from './health.js';
import type { Leash } from './leash.js';
import { type Life, stateOf } from './life.js';
import { dieAt } from './node-link.js';
import { isStopped } from './pid.js';
import { findFreePort, refusesConnections } from './port.js';
import type { ProcessSpec } from './process-spec.js';
import type { ReadyLine } from './ready-line.js';

/** What a member needs of the supervisor. */
export interface MemberOptions {
  readonly child: ChildOptions;
  readonly leash: Leash;
  readonly onChange: (change: ProcessChange) => void;
}

/** A process without an answer for so long counts as hung. */
const answerTimeoutMs = 1000;
/** How long an observation may take that the system makes true at once. */
const observeTimeoutMs = 5000;
/** How long a node waits for the moment at which it is to kill itself. */
const momentTimeoutMs = 10_000;
/** How long `kill` waits for a signal that a process may catch. */
const caughtSignalMs = 2000;
/** A free port may be taken between finding it and listening on it; then another is found. */
const maxPortTries = 3;

/** One process of the cluster through all its lives: its name and port stay, its pid changes. */
export class Member {
  readonly spec: ProcessSpec;
  readonly #options: MemberOptions;
  #life: Life = { type: 'down' };
  #port: number | null;
  #starts = 0;

  constructor(spec: ProcessSpec, options: MemberOptions) {
    this.spec = spec;
    this.#port = spec.port;
    this.#options = options;
  }

  get name(): string {
    return this.spec.name;
  }

  /** The ready line of its present life. */
  get ready(): ReadyLine | undefined {
    return this.#life.type === 'up' ? this.#life.ready : undefined;
  }

  /** Its port, once it has one; the same in every life. */
  get port(): number | null {
    return this.#port === 0 ? null : this.#port;
  }

  /** How often it was started again. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** Its URL in its present or last life. */
  lastUrl: string | null = null;

  /** Its process, from spawning it to its end. */
  get child(): Child | undefined {
    return 'child' in this.#life ? this.#life.child : undefined;
  }

  /** Starts it; resolves when it is ready. A child that failed to become ready has been ended. */
  async start(): Promise<Child> {
    if (this.#life.type !== 'down' && this.#life.type !== 'failed') {
      throw this.#refuse(`is already running (${stateOf(this.#life)})`, `cluster-chat restart ${this.name}`);
    }
    const choosesPort = this.#port === 0;
    for (let tries = 1; ; tries++) {
      const child = this.#spawn(await this.#choosePort());
      try {
        return this.#becomeUp(child, await child.ready);
      } catch (error) {
        child.signal('SIGKILL');
        await child.exited;
        const hasLostRace = choosesPort && isPortTaken(child.lastLines);
        // Told to end meanwhile, it is `down` and stays so.
        if (!hasLostRace || this.#life.type !== 'failed' || tries >= maxPortTries) throw error;
      }
    }
  }

  async #choosePort(): Promise<number | null> {
    // Said before the first wait, so that two starts at once do not make two processes.
    const life: Life = { type: 'starting', child: undefined };
    this.#life = life;
    const port = this.#port === 0 ? await findFreePort(this.spec.host) : this.#port;
    if (this.#life !== life) throw this.#endedEarly();
    return port;
  }

  #spawn(port: number | null): Child {
    const { leash, onChange } = this.#options;
    const child = new Child(this.spec, port, this.#options.child);
    leash.add(child);
    child.begin();
    this.#life = { type: 'starting', child };
    if (child.pid !== undefined) onChange({ type: 'process-started', pid: child.pid });
    child.onExit((exit) => {
      leash.remove(child);
      this.#afterExit(child, exit);
    });
    return child;
  }

  #becomeUp(child: Child, ready: ReadyLine): Child {
    // It may have been told to end, or have died, in the very moment in which it became ready.
    if (this.#life.type !== 'starting' || this.#life.child !== child) {
      throw this.#endedEarly();
    }
    this.#starts++;
    this.#port = ready.port;
    this.lastUrl = ready.url;
    this.#life = {
      type: 'up',
      child,
      ready,
      isPaused: false,
      isDoomed: false,
      signal: undefined,
      isAnswering: true,
      health: unknownHealth,
    };
    const tookMs = nowMs() - child.startedAtMs;
    this.#options.onChange({ type: 'process-ready', port: ready.port, url: ready.url, tookMs });
    return child;
  }

  #afterExit(child: Child, exit: Exit): void {
    const life = this.#life;
    if (!('child' in life) || life.child !== child) return;
    const wasDoomed = life.type === 'up' && life.isDoomed && exit.signal === 'SIGKILL';
    // A signal that it took, such as one that lets it drain, may end it long afterwards.
    const hasObeyed =
      life.type === 'up' && life.signal !== undefined && (exit.code === 0 || exit.signal === life.signal);
    const wasAsked = life.type === 'ending' || wasDoomed || hasObeyed;
    this.#life = { type: wasAsked ? 'down' : 'failed' };
    const pid = child.pid ?? null;
    if (wasAsked) {
      this.#options.onChange({ type: 'process-exited', pid, ...exit });
      return;
    }
    // Its last words may still be in the pipe.
    void child.finished.then(() => {
      this.#options.onChange({ type: 'process-crashed', pid, ...exit, lastLines: child.lastLines });
    });
  }

  /** Sends a signal; see `Cluster.kill`. */
  async kill(signal: NodeJS.Signals): Promise<KillOutcome> {
    const life = this.#life;
    const child = this.child;
    if (child?.pid === undefined) throw this.notRunning();
    const startMs = nowMs();
    this.#life = { type: 'ending', child };
    child.signal(signal);
    const timeoutMs = signal === 'SIGKILL' ? observeTimeoutMs : caughtSignalMs;
    const hasExited = await waitUntil(() => child.hasExited, { timeoutMs, everyMs: 1 });
    if (hasExited) await this.#observePortRefuses();
    else if (signal === 'SIGKILL')
      throw this.#refuse('did not end after SIGKILL', 'It may wait for a disk or debugger.');
    // It took the signal and lives on, as if nothing had been.
    else if (this.#life.type === 'ending' && life.type === 'up' && life.child === child) {
      this.#life = life;
      life.signal = signal;
    }
    return { name: this.name, signal, pid: child.pid, hasExited, tookMs: nowMs() - startMs };
  }

  /** Lets it kill itself; see `Cluster.killAt`. */
  async killAt(moment: Moment): Promise<void> {
    const life = this.#life;
    if (life.type !== 'up' || life.isPaused) throw this.notRunning();
    const { command } = this.spec;
    if (command.type !== 'own')
      throw this.#refuse('is no node of ours, which alone has such moments', 'Leave out cluster.program.');
    life.isDoomed = true;
    const isGone = await dieAt(life.child, moment, momentTimeoutMs);
    life.isDoomed = false;
    if (isGone) return this.#observePortRefuses();
    const what = `had no message of the load ${moment} within ${momentTimeoutMs / 1000} s`;
    throw this.#refuse(what, 'Let clients on it send and subscribe; mid-fan-out takes two on one destination.');
  }

  async #observePortRefuses(): Promise<void> {
    const port = this.port;
    if (port === null) return;
    const { host } = this.spec;
    const options = { timeoutMs: observeTimeoutMs, everyMs: 1 };
    // A start at the same time takes the port again; what was asked for was observed by then.
    const refuses = await waitUntil(() => this.child !== undefined || refusesConnections(host, port), options);
    if (!refuses) throw this.#refuse(`is gone, but another process answers on its port ${port}`, 'cluster-chat ps');
  }

  /**
   * Asks it to end and kills it when the grace is over; does nothing when it is down. Called once more with a
   * shorter grace it hurries.
   */
  async end(graceMs: number): Promise<void> {
    const life = this.#life;
    // A start that still seeks its port sees that and gives up.
    if (life.type === 'starting' && life.child === undefined) this.#life = { type: 'down' };
    const child = this.child;
    if (child === undefined) return;
    if (life.type !== 'ending') {
      this.#life = { type: 'ending', child };
      child.signal('SIGTERM');
      // A stopped process takes no signal but SIGKILL before it goes on.
      if (life.type === 'up' && life.isPaused) child.signal('SIGCONT');
    }
    const hasExited = await waitUntil(() => child.hasExited, { timeoutMs: graceMs, everyMs: 5 });
    if (!hasExited) child.signal('SIGKILL');
    await child.exited;
  }

  /** Whether `pause` holds it. */
  get isPaused(): boolean {
    return this.#life.type === 'up' && this.#life.isPaused;
  }

  async pause(): Promise<void> {
    const life = this.#life;
    if (life.type !== 'up') throw this.notRunning();
    if (life.isPaused) throw this.#refuse('is already paused', `cluster-chat unpause ${this.name}`);
    life.isPaused = true;
    life.child.signal('SIGSTOP');
    await this.#observeStopped(life.child, true);
    this.#options.onChange({ type: 'process-paused' });
  }

  async unpause(): Promise<void> {
    const life = this.#life;
    if (life.type !== 'up') throw this.notRunning();
    if (!life.isPaused) throw this.#refuse('is not paused', `cluster-chat pause ${this.name}`);
    life.child.signal('SIGCONT');
    await this.#observeStopped(life.child, false);
    life.isPaused = false;
    this.#options.onChange({ type: 'process-unpaused' });
  }

  async #observeStopped(child: Child, expected: boolean): Promise<void> {
    const isObserved = (): boolean => child.hasExited || (child.pid !== undefined && isStopped(child.pid) === expected);
    if (await waitUntil(isObserved, { timeoutMs: observeTimeoutMs, everyMs: 1 })) return;
    throw this.#refuse(`could not be seen to ${expected ? 'stop' : 'go on'}`, 'cluster-chat ps');
  }

  /** Asks it how it is; resolves within a second whatever it does. */
  async probe(): Promise<void> {
    const life = this.#life;
    if (life.type !== 'up' || life.isPaused || life.ready.healthPort === null) return;
    const health = await askHealth(this.spec.host, life.ready.healthPort, answerTimeoutMs);
    // Meanwhile it may have been paused or ended: then silence is no news.
    if (this.#life !== life || life.isPaused || life.isDoomed || life.child.hasExited) return;
    if (health !== undefined) life.health = health;
    const isAnswering = health !== undefined;
    if (isAnswering === life.isAnswering) return;
    life.isAnswering = isAnswering;
    this.#options.onChange({ type: isAnswering ? 'process-answered' : 'process-hung' });
  }

  /** As far as known at this moment. */
  status(): ProcessStatus {
    const life = this.#life;
    const health = life.type === 'up' ? life.health : unknownHealth;
    const startedAtMs = this.child?.startedAtMs;
    return {
      ...health,
      name: this.name,
      role: this.spec.role,
      state: stateOf(life),
      pid: this.child?.pid ?? null,
      port: this.port,
      url: this.ready?.url ?? null,
      uptimeMs: startedAtMs === undefined ? null : Math.round(nowMs() - startedAtMs),
      restarts: this.restarts,
    };
  }

  /** What a verb says that needs it alive. */
  notRunning(): AppError {
    return this.#refuse(`is not running (${stateOf(this.#life)})`, `cluster-chat start ${this.name}`);
  }

  #endedEarly(): AppError {
    return this.#refuse('was ended while it started', `cluster-chat start ${this.name}`);
  }

  #refuse(what: string, hint: string): AppError {
    return new AppError('control-failed', `${this.name} ${what}`, { hint });
  }
}
