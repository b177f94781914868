import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const benchFolder = dirname(fileURLToPath(import.meta.url));
export const program = join(benchFolder, '../bin/cluster-chat.js');
/** What nodes and broker know each other by. */
const secret = 'the secret of this benchmark';

/** A process of the benchmark: a contestant, or clients. It ends with its parent. */
export class Child {
  #child;
  #asked = 0;
  #waiting = new Map();
  #errors = '';

  /** @param {string} file @param {readonly string[]} args @param {{ execArgv?: string[], env?: object, quiet?: boolean }} [options] */
  constructor(file, args = [], options = {}) {
    this.#child = fork(file, args, {
      execArgv: options.execArgv ?? [],
      env: { ...process.env, CLUSTER_CHAT_SECRET: secret, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk) => {
      this.#errors = `${this.#errors}${chunk}`.slice(-2_000);
    });
    this.#child.on('message', (message) => this.#answered(message));
    this.#child.on('exit', (code) => this.#failAll(`ended with ${code}: ${this.#errors}`));
  }

  get pid() {
    return this.#child.pid;
  }

  /** Asks the process for something; resolves with its answer. */
  ask(what, options = {}) {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, what, options });
    });
  }

  /** Resolves with the first line on stdout, read as JSON. */
  async readyLine() {
    for await (const line of createInterface({ input: this.#child.stdout })) return JSON.parse(line);
    throw new Error(`a process of the benchmark said nothing: ${this.#errors}`);
  }

  async end(signal = 'SIGKILL') {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await once(this.#child, 'exit');
  }

  #answered({ id, answer, error }) {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#waiting.delete(id);
    if (error === undefined) waiting.resolve(answer);
    else waiting.reject(new Error(error));
  }

  #failAll(reason) {
    for (const { reject } of this.#waiting.values()) reject(new Error(reason));
    this.#waiting.clear();
  }
}

/** Starts a process of bench/processes. */
export function startHelper(name, args = [], options = {}) {
  return new Child(join(benchFolder, 'processes', name), args, options);
}

/**
 * Starts the built program, such as `node --port 0`; resolves with the process and its ready line.
 * Its answers to `ask` come from processes/probe.js, which is loaded into it beside the program.
 */
export async function startPiece(args, env = {}) {
  const probe = new URL('processes/probe.js', import.meta.url).href;
  const child = new Child(program, args, {
    env,
    execArgv: ['--expose-gc', '--import', probe],
  });
  return { child, ready: await child.readyLine() };
}

/** A relay node alone, with connections accepted as fast as they come. */
export function startNode(broker = undefined, more = {}) {
  const limits = ['acceptPerSecond=1000000', 'acceptBurst=1000000'].flatMap((limit) => ['--limit', limit]);
  const env = { ...(broker === undefined ? {} : { CLUSTER_CHAT_BROKER: broker }), ...more };
  return startPiece(['node', '--port', '0', ...limits], env);
}
