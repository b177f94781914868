import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { waitUntil } from '../../src/core/clock.js';

const lastOutputChars = 4_000;
const running = new Set<ChildProcess>();
// A test run that ends before its hooks ran takes its servers with it.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server of somebody else, started by a test and ended by its process id. */
export class ServiceProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = '';

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.#child);
    this.#exited = once(this.#child, 'close').catch(() => {});
    this.#child.once('close', () => running.delete(this.#child));
    // Spawning failed when this comes; `ready` reports it.
    this.#child.on('error', (error) => this.#keep(String(error)));
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (chunk) => this.#keep(chunk));
  }

  /** Resolves when the condition holds; rejects with the last output when the process ends or takes too long. */
  async ready(condition: () => boolean | Promise<boolean>): Promise<void> {
    const isSettled = async () => !this.isRunning || (await condition());
    const inTime = await waitUntil(isSettled, { timeoutMs: 150_000, everyMs: 50 });
    if (!inTime || !this.isRunning) throw new Error(`The server did not become ready:\n${this.#output}`);
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get output(): string {
    return this.#output;
  }

  /** Freezes it; resolves when every thread of it stands still. @returns how to let it go on */
  pause(): Promise<() => void> {
    return pauseProcess(this.#child);
  }

  /** Kills it, also when it is paused; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #keep(chunk: unknown): void {
    this.#output = (this.#output + String(chunk)).slice(-lastOutputChars);
  }
}

/** Freezes a process; resolves when every thread of it stands still. @returns how to let it go on */
export async function pauseProcess(child: ChildProcess): Promise<() => void> {
  const { pid } = child;
  child.kill('SIGSTOP');
  const hasStopped = (): boolean => pid === undefined || threadsOf(pid).every((state) => state === 'T');
  if (!(await waitUntil(hasStopped, { timeoutMs: 30_000, everyMs: 1 }))) throw new Error('The process did not stop.');
  return () => child.kill('SIGCONT');
}

/** State letters of all threads of a process [proc(5)]. */
function threadsOf(pid: number): string[] {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).map((thread) => {
    const stat = readFileSync(`${folder}/${thread}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  });
}

/** Whether somebody listens on a port of this machine. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
