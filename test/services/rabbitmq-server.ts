import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../../src/cluster/port.js';
import { randomToken } from '../../src/core/random.js';
import { findProgram } from './require-service.js';
import { isListening, ServiceProcess } from './service-process.js';

interface Ports {
  readonly amqp: number;
  readonly stomp: number;
  readonly webStomp: number;
  readonly distribution: number;
  readonly epmd: number;
}

async function freePorts(): Promise<Ports> {
  const ports = new Set<number>();
  while (ports.size < 5) ports.add(await findFreePort('127.0.0.1'));
  const [amqp = 0, stomp = 0, webStomp = 0, distribution = 0, epmd = 0] = ports;
  return { amqp, stomp, webStomp, distribution, epmd };
}

/**
 * A real RabbitMQ of this test alone, with its STOMP and Web-STOMP plugins: everything on free ports of
 * 127.0.0.1, its data in a folder that goes with it, its port mapper a process of its own. It takes
 * about six seconds to start.
 */
export class RabbitmqServer implements AsyncDisposable {
  readonly login = 'chat';
  readonly passcode = randomToken(8);
  readonly amqpPort: number;
  readonly stompPort: number;
  readonly webStompPort: number;
  readonly #ports: Ports;
  readonly #folder: string;
  readonly #portMapper: ServiceProcess;
  #process: ServiceProcess | undefined;

  constructor(ports: Ports, folder: string) {
    this.#ports = ports;
    this.amqpPort = ports.amqp;
    this.stompPort = ports.stomp;
    this.webStompPort = ports.webStomp;
    this.#folder = folder;
    this.#portMapper = new ServiceProcess(
      findProgram('epmd') ?? 'epmd',
      ['-port', String(ports.epmd), '-address', '127.0.0.1'],
      this.#env(),
    );
  }

  get amqpUrl(): string {
    return `amqp://${this.login}:${this.passcode}@127.0.0.1:${this.#ports.amqp}`;
  }

  get stompUrl(): string {
    return `stomp://${this.login}:${this.passcode}@127.0.0.1:${this.#ports.stomp}`;
  }

  /** The Erlang machine's, in its present life. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    const { amqp, stomp, webStomp, epmd } = this.#ports;
    await this.#portMapper.ready(() => isListening(epmd));
    await this.#writeConfiguration();
    // The script itself, not the one in the PATH, which wants to become another user.
    const server = new ServiceProcess('/usr/lib/rabbitmq/bin/rabbitmq-server', [], this.#env());
    this.#process = server;
    await server.ready(async () => {
      if (!server.output.includes('completed with')) return false;
      return (await isListening(amqp)) && (await isListening(stomp)) && (await isListening(webStomp));
    });
  }

  /** Lets it hang until the function that is returned is called. */
  async pause(): Promise<() => void> {
    return (await this.#process?.pause()) ?? (() => undefined);
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** Kills it, if it still runs, and starts it again on the same ports, with its data. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** Runs `rabbitmqctl`, which takes a second or two. @returns the lines that it prints */
  async ctl(...words: readonly string[]): Promise<string[]> {
    const args = ['--node', this.#env()['RABBITMQ_NODENAME'] ?? '', '--silent', ...words];
    const { stdout } = await promisify(execFile)('/usr/lib/rabbitmq/bin/rabbitmqctl', args, { env: this.#env() });
    return stdout.split('\n').filter((line) => line !== '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#portMapper.kill();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #writeConfiguration(): Promise<void> {
    const { amqp, stomp, webStomp } = this.#ports;
    await mkdir(join(this.#folder, 'home'), { recursive: true });
    await writeFile(join(this.#folder, 'enabled_plugins'), '[rabbitmq_stomp,rabbitmq_web_stomp].\n');
    const lines = [
      `listeners.tcp.1 = 127.0.0.1:${amqp}`,
      `stomp.listeners.tcp.1 = 127.0.0.1:${stomp}`,
      'web_stomp.tcp.ip = 127.0.0.1',
      `web_stomp.tcp.port = ${webStomp}`,
      `default_user = ${this.login}`,
      `default_pass = ${this.passcode}`,
      'log.file = false',
      'log.console = true',
      'log.console.level = warning',
      'disk_free_limit.absolute = 1MB',
    ];
    await writeFile(join(this.#folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`);
  }

  #env(): NodeJS.ProcessEnv {
    const inFolder = (name: string) => join(this.#folder, name);
    return {
      PATH: process.env['PATH'],
      LANG: 'C.UTF-8',
      HOME: inFolder('home'),
      ERL_EPMD_PORT: String(this.#ports.epmd),
      ERL_EPMD_ADDRESS: '127.0.0.1',
      RABBITMQ_NODENAME: `cluster-chat-${this.#ports.amqp}@localhost`,
      RABBITMQ_DIST_PORT: String(this.#ports.distribution),
      RABBITMQ_MNESIA_BASE: inFolder('data'),
      RABBITMQ_LOG_BASE: inFolder('log'),
      RABBITMQ_ENABLED_PLUGINS_FILE: inFolder('enabled_plugins'),
      RABBITMQ_CONFIG_FILE: inFolder('rabbitmq.conf'),
      // Nothing of an installation's own configuration.
      RABBITMQ_ADVANCED_CONFIG_FILE: inFolder('none.config'),
      RABBITMQ_CONF_ENV_FILE: inFolder('none.conf'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}',
      // Makes the script become the server, so that the process id is the server's.
      RUNNING_UNDER_SYSTEMD: 'true',
    };
  }
}

/** Its ports are bound seconds after they were found free: another test may have got one meanwhile. */
const maxTries = 3;

/** Resolves when it takes AMQP, STOMP and Web-STOMP connections. */
export async function startRabbitmq(): Promise<RabbitmqServer> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryToStart();
    } catch (error) {
      if (tries === maxTries || !/eaddrinuse|in use/i.test(String(error))) throw error;
    }
  }
}

async function tryToStart(): Promise<RabbitmqServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-chat-rabbitmq-'));
  const server = new RabbitmqServer(await freePorts(), folder);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}
