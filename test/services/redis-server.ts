import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/cluster/port.js';
import { findProgram } from './require-service.js';
import { isListening, ServiceProcess } from './service-process.js';

export interface RedisServerOptions {
  /** More of the command line, such as `--requirepass`. */
  readonly args?: readonly string[];
  /** The password in `url`, when `args` ask for one. */
  readonly password?: string;
}

/** A real Redis of this test alone, on a free port of 127.0.0.1, with its data in a folder that goes with it. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #folder: string;
  readonly #options: RedisServerOptions;
  #process: ServiceProcess;

  constructor(port: number, folder: string, options: RedisServerOptions) {
    this.port = port;
    this.url = `redis://${options.password === undefined ? '' : `:${options.password}@`}127.0.0.1:${port}`;
    this.#folder = folder;
    this.#options = options;
    this.#process = this.#spawn();
  }

  /** Of its present life. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  async ready(): Promise<void> {
    await this.#process.ready(
      () => this.#process.output.includes('Ready to accept connections') && isListening(this.port),
    );
  }

  /** Lets it hang until the function that is returned is called. */
  pause(): Promise<() => void> {
    return this.#process.pause();
  }

  /** Ends it with SIGKILL; whatever it answered before is on disk. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Kills it, if it still runs, and starts it again on the same port, with its data or without. */
  async restart({ empty }: { empty: boolean }): Promise<void> {
    await this.#process.kill();
    if (empty) await rm(join(this.#folder, 'appendonlydir'), { recursive: true, force: true });
    this.#process = this.#spawn();
    await this.ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #spawn(): ServiceProcess {
    return new ServiceProcess(findProgram('redis-server') ?? 'redis-server', [
      ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''],
      // What is written reaches the file before the answer is sent; without fsync, which a killed process does not need.
      ...['--appendonly', 'yes', '--appendfsync', 'no'],
      ...(this.#options.args ?? []),
    ]);
  }
}

/** Resolves when it takes connections. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-chat-redis-'));
  const server = new RedisServer(await findFreePort('127.0.0.1'), folder, options);
  try {
    await server.ready();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
