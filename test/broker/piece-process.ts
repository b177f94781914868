import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pauseProcess } from '../services/service-process.js';

const bin = join(import.meta.dirname, '../../bin/cluster-chat.js');
export const processSecret = 'the secret of this test run';

/** A node or broker in a process of its own, from the built program. */
export class PieceProcess implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly port: number;
  readonly http: number;
  readonly #exited: Promise<unknown>;

  private constructor(child: ChildProcess, ready: { port: number; http?: number }) {
    this.child = child;
    this.port = ready.port;
    this.http = ready.http ?? ready.port;
    this.#exited = once(child, 'exit');
  }

  /** Resolves with its ready line. */
  static async open(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<PieceProcess> {
    const child = spawn(process.execPath, [bin, ...args], {
      env: { ...process.env, CLUSTER_CHAT_SECRET: processSecret, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let complaint = '';
    child.stderr?.on('data', (chunk) => {
      complaint += chunk;
    });
    for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
      return new PieceProcess(child, JSON.parse(line));
    }
    throw new Error(`no ready line: ${complaint}`);
  }

  static broker(port = 0): Promise<PieceProcess> {
    return PieceProcess.open(['broker', '--port', String(port)]);
  }

  /** A broker that stands in for RabbitMQ's STOMP port: it knows no run secret, only a login. */
  static standIn(port = 0): Promise<PieceProcess> {
    const env = { CLUSTER_CHAT_SECRET: undefined, CLUSTER_CHAT_LOGIN: 'guest', CLUSTER_CHAT_PASSCODE: processSecret };
    return PieceProcess.open(['broker', '--port', String(port)], env);
  }

  static node(name: string, brokerPort: number): Promise<PieceProcess> {
    const env = { CLUSTER_CHAT_BROKER: `embedded://127.0.0.1:${brokerPort}` };
    return PieceProcess.open(['node', '--name', name, '--port', '0'], env);
  }

  /** Where a stand-in is reached, by those who may know its passcode. */
  get stompUrl(): string {
    return `stomp://guest:${encodeURIComponent(processSecret)}@127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  /** Freezes it; resolves when it stands still. @returns how to let it go on */
  pause(): Promise<() => void> {
    return pauseProcess(this.child);
  }

  /** Sends a signal; resolves with the exit code once the process is gone. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    await this.#exited;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exited;
  }
}
