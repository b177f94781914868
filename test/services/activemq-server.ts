import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '../../src/cluster/port.js';
import { findProgram } from './require-service.js';
import { isListening, ServiceProcess } from './service-process.js';

const home = '/usr/share/activemq';

/** A real ActiveMQ of this test alone, which speaks STOMP on a free port of 127.0.0.1 and keeps its messages in memory. */
export class ActivemqServer implements AsyncDisposable {
  readonly stompPort: number;
  readonly #folder: string;
  #process: ServiceProcess | undefined;

  constructor(stompPort: number, folder: string) {
    this.stompPort = stompPort;
    this.#folder = folder;
  }

  /** It takes whoever comes. */
  get stompUrl(): string {
    return `stomp://127.0.0.1:${this.stompPort}`;
  }

  async start(): Promise<void> {
    const places = { home, base: this.#folder, conf: this.#folder, data: join(this.#folder, 'data') };
    const server = new ServiceProcess(findProgram('java') ?? 'java', [
      ...['-Xmx256m', ...Object.entries(places).map(([name, place]) => `-Dactivemq.${name}=${place}`)],
      ...['-jar', join(home, 'bin/activemq.jar'), 'start'],
      `broker:(stomp://127.0.0.1:${this.stompPort})?persistent=false&useJmx=false`,
    ]);
    this.#process = server;
    await server.ready(() => isListening(this.stompPort));
  }

  /** Ends it with SIGKILL; what it kept is lost. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Resolves when it takes STOMP connections. */
export async function startActivemq(): Promise<ActivemqServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-chat-activemq-'));
  const server = new ActivemqServer(await findFreePort('127.0.0.1'), folder);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
