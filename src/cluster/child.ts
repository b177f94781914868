import { type ChildProcess, fork, spawn } from 'node:child_process';
import { type Readable, Writable } from 'node:stream';
import { nowMs, sleep } from '../core/clock.js';
import { type Deferred, deferred } from '../core/deferred.js';
import { Ring } from '../core/ring.js';
import { failedAtStart, notReady } from './crash-report.js';
import type { Exit } from './exit.js';
import { askHealth } from './health.js';
import { splitLines } from './line-splitter.js';
import { signalGroup } from './pid.js';
import { fillIn, type ProcessSpec, type Readiness } from './process-spec.js';
import { parseReadyLine, type ReadyLine } from './ready-line.js';

export interface ChildOptions {
  /** The program that `own` commands are words for. */
  readonly bin: string;
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readyTimeoutMs: number;
  /** Receives every line of its output, the ready line included. */
  readonly onLine: (line: string) => void;
}

/** How many of its last lines a crash report shows. */
const lastLineCount = 32;
/** Output that a dead process left in the pipe is read for so long; a grandchild may hold the pipe open for ever. */
const outputGraceMs = 250;
/** How long a program may take to answer whether it is ready. */
const answerTimeoutMs = 1000;
const askEveryMs = 10;
const loopback = '127.0.0.1';

/**
 * A program that knows nothing of us begins only when it is told to. Whoever starts it can be killed before the
 * program is on the list of those that end with us; then the gate closes, and it never begins.
 */
const waitAtGate = 'read -r _ <&3 && exec "$@" 3<&-';
const gateIndex = 3;

/**
 * One life of one process. It is ours to end: whoever starts it sees to it that `exited` settles.
 * Its message methods have the shape of a channel to a worker.
 */
export class Child {
  readonly name: string;
  /** Undefined when the program could not be started at all. */
  readonly pid: number | undefined;
  /** Whether it may have started others, which get its signals and end with it. */
  readonly isGroup: boolean;
  readonly startedAtMs = nowMs();
  /** The ready line; rejects with `process-failed` or `not-ready`, both with the last lines. */
  readonly ready: Promise<ReadyLine>;
  /** Settles as soon as the process is gone; never rejects. */
  readonly exited: Promise<Exit>;
  /** Like `exited`, but after its last output was read. */
  readonly finished: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #lines = new Ring<string>(lastLineCount);
  readonly #ready: Deferred<ReadyLine> = deferred();
  #exit: Exit | undefined;
  #isGivenUp = false;

  constructor(spec: ProcessSpec, port: number | null, options: ChildOptions) {
    this.name = spec.name;
    this.isGroup = spec.command.type === 'program';
    this.#process = spawnProcess(spec, port, options);
    this.pid = this.#process.pid;
    for (const stream of [this.#process.stdout, this.#process.stderr]) this.#read(stream, options.onLine);
    this.exited = this.#watchExit();
    this.finished = this.exited.then((exit) => this.#afterOutput(exit));
    this.ready = this.#ready.promise;
    // Whoever waits for `ready` gets the rejection; nobody may be waiting any more.
    this.ready.catch(() => undefined);
    this.#watchReady(options.readyTimeoutMs);
    if (spec.readiness !== undefined) void this.#watchAnswer(spec.readiness, port);
  }

  get hasExited(): boolean {
    return this.#exit !== undefined;
  }

  /** Its last 32 lines of output, oldest first. */
  get lastLines(): readonly string[] {
    return this.#lines.toArray();
  }

  /** Lets a program begin; to be called as soon as somebody sees to its end. Processes of ours have begun already. */
  begin(): void {
    const gate = this.#process.stdio[gateIndex];
    if (!(gate instanceof Writable)) return;
    // It may have been killed at the gate, which `exited` tells.
    gate.on('error', () => undefined);
    gate.end('\n');
  }

  /** Sends a signal to it, or to its whole group where it has one of its own. */
  signal(signal: NodeJS.Signals): void {
    if (this.pid === undefined || this.hasExited) return;
    if (this.isGroup) signalGroup(this.pid, signal);
    else this.#process.kill(signal);
  }

  /** Sends a message over its channel; dropped when the process is gone, which `exited` tells. */
  send(message: unknown): void {
    if (!this.#process.connected || typeof message !== 'object' || message === null) return;
    this.#process.send(message, () => undefined);
  }

  /** Messages that came before the first listener was set are kept for it. */
  onMessage(listener: (message: unknown) => void): () => void {
    this.#process.on('message', listener);
    return () => this.#process.off('message', listener);
  }

  /** Calls `listener` once the process is gone. */
  onExit(listener: (exit: Exit) => void): void {
    void this.exited.then(listener);
  }

  /** Calls `listener` once the process is gone and with it the channel. */
  onClosed(listener: () => void): void {
    this.onExit(() => listener());
  }

  #read(stream: Readable | null, onLine: (line: string) => void): void {
    if (stream === null) return;
    splitLines(stream, (line) => {
      const ready = stream === this.#process.stdout ? parseReadyLine(line) : undefined;
      if (ready === undefined) this.#lines.push(line);
      else this.#ready.resolve(ready);
      onLine(line);
    });
  }

  #watchExit(): Promise<Exit> {
    return new Promise((resolve) => {
      const settle = (exit: Exit): void => {
        this.#exit ??= exit;
        // What it started in turn would live on without it.
        if (this.isGroup && this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
        resolve(this.#exit);
      };
      this.#process.once('exit', (code, signal) => settle({ code, signal }));
      this.#process.on('error', (error) => {
        // Without a pid it never lived. Later errors are of signals and messages that came too late.
        if (this.#process.pid !== undefined) return;
        this.#lines.push(error.message);
        settle({ code: null, signal: null });
      });
    });
  }

  async #afterOutput(exit: Exit): Promise<Exit> {
    if (this.pid === undefined) return exit;
    const streams = [this.#process.stdout, this.#process.stderr].filter((stream) => stream?.closed === false);
    const closed = Promise.all(streams.map((stream) => new Promise((resolve) => stream?.once('close', resolve))));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, outputGraceMs);
    });
    await Promise.race([closed, late]);
    clearTimeout(timer);
    return exit;
  }

  /** Asks until it answers or is given up. */
  async #watchAnswer({ port: healthPort, url }: Readiness, port: number | null): Promise<void> {
    const isOver = (): boolean => this.#exit !== undefined || this.#isGivenUp;
    while (!isOver()) {
      const health = await askHealth(loopback, healthPort, answerTimeoutMs);
      if (health !== undefined && !isOver()) {
        return this.#ready.resolve({ name: this.name, port, url, healthPort });
      }
      await sleep(askEveryMs);
    }
  }

  #watchReady(timeoutMs: number): void {
    const timer = setTimeout(() => {
      this.#isGivenUp = true;
      this.#ready.reject(notReady(this.name, timeoutMs, this.lastLines));
    }, timeoutMs);
    this.ready.then(() => clearTimeout(timer)).catch(() => clearTimeout(timer));
    void this.finished.then((exit) => this.#ready.reject(failedAtStart(this.name, exit, this.lastLines)));
  }
}

/**
 * Each half of V8's young generation grows to 4 MiB at most. To 16 MiB, its own bound, it comes within minutes, and a
 * process that has 30 MB more by then looks like one that leaks. It costs no time: the broker spends 11 µs on a message
 * with 4 or with 16 MiB, 14 with 1 (measured).
 */
const youngGenerationFlags: readonly string[] = ['--max-semi-space-size=4'];

/**
 * Each process leads a group of its own. A terminal sends Ctrl-C to every process of ours, and a child that has not
 * begun to listen for it would die of it: whether and how a child ends is for us to say. What a program that knows
 * nothing of us starts in turn ends with its group.
 */
function spawnProcess(spec: ProcessSpec, port: number | null, options: ChildOptions): ChildProcess {
  const env = { ...options.env, ...spec.env };
  const cwd = options.cwd === undefined ? {} : { cwd: options.cwd };
  if (spec.command.type === 'own') {
    return fork(options.bin, fillIn(spec.command.args, spec, port), {
      ...cwd,
      env,
      detached: true,
      // Flags of the parent, such as an inspector's port, are not meant for its children.
      execArgv: [...youngGenerationFlags],
      // Workers send typed arrays, which JSON would turn into objects.
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
  }
  const [command = '', ...args] = fillIn(spec.command.argv, spec, port);
  const gated = ['-c', waitAtGate, 'sh', command, ...args];
  return spawn('sh', gated, { ...cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
}
