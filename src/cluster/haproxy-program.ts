import { join } from 'node:path';
import { waitUntil } from '../core/clock.js';
import { unreachable } from '../core/errors.js';
import type { DoorNode } from '../proxy/front-door.js';
import { haproxyBackendName, haproxyConfig, haproxySocketPath } from '../proxy/haproxy-config.js';
import type { Backend, ToBalancer } from './balancer-link.js';
import { type BalancerProgram, doorOf, nodesAfter, type ProgramDoor, programSpec } from './balancer-program.js';
import type { Child } from './child.js';
import { findProgram } from './find-program.js';
import { askHaproxy } from './haproxy-api.js';
import type { ProcessSpec } from './process-spec.js';
import { ProgramFolder } from './program-folder.js';
import type { Topology } from './topology.js';

/** A reload takes about 100 ms. */
const reloadTimeoutMs = 3_000;

/** HAProxy. It is told things through its runtime API, which costs no connection and no reload. */
export class HaproxyProgram implements BalancerProgram {
  readonly #path: string;
  readonly #topology: Topology;
  readonly #folder: ProgramFolder;
  #door: ProgramDoor | undefined;

  /** @throws AppError `program-missing` */
  constructor(topology: Topology, env: Readonly<Record<string, string | undefined>>) {
    this.#topology = topology;
    this.#path = findProgram('haproxy', env);
    this.#folder = new ProgramFolder('haproxy.cfg');
  }

  async prepare(nodes: readonly Backend[]): Promise<ProcessSpec> {
    const door = await doorOf(this.#topology, this.#folder.path, nodes);
    this.#door = door;
    this.#folder.writeConfig(haproxyConfig(door));
    // -W: a master that can reload; -db: in the foreground, whatever the configuration says; -S: where it is asked.
    const master = ['-W', '-db', '-S', `${this.#masterPath},mode,600`];
    return programSpec([this.#path, ...master, '-f', this.#folder.configPath], door);
  }

  async tell(balancer: Child | undefined, message: ToBalancer): Promise<boolean> {
    const before = this.#door;
    if (before === undefined) return false;
    const after = { ...before, nodes: nodesAfter(before.nodes, message) };
    this.#door = after;
    this.#folder.writeConfig(haproxyConfig(after));
    if (balancer === undefined) return false;
    for (const command of commandsFor(message, before.nodes, after.nodes)) {
      if (!(await this.#carryOut(command))) return false;
    }
    return true;
  }

  async reload(): Promise<boolean> {
    const before = await this.#worker();
    if (before === undefined) return false;
    // The master takes itself for a new one, so that the answer may be lost with the old.
    await askHaproxy(this.#masterPath, 'reload');
    const isReplaced = async (): Promise<boolean> => {
      const worker = await this.#worker();
      return worker !== undefined && worker !== before;
    };
    return waitUntil(isReplaced, { timeoutMs: reloadTimeoutMs, everyMs: 20 });
  }

  /** The pid of the worker that takes new connections. */
  async #worker(): Promise<string | undefined> {
    const processes = (await askHaproxy(this.#masterPath, 'show proc')) ?? '';
    const [current = ''] = processes.split('# old workers');
    return /^(\d+)\s+worker\s/m.exec(current)?.[1];
  }

  get #masterPath(): string {
    return join(this.#folder.path, 'master.sock');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#folder[Symbol.dispose]();
  }

  async #carryOut(command: string): Promise<boolean> {
    const answer = await askHaproxy(
      haproxySocketPath(this.#folder.path),
      `set server ${haproxyBackendName}/${command}`,
    );
    // A new address is answered with what changed, everything else with nothing.
    return answer === '' || answer?.includes('changed') === true;
  }
}

function commandsFor(message: ToBalancer, before: readonly DoorNode[], after: readonly DoorNode[]): string[] {
  switch (message.type) {
    case 'backends':
      // Said again in full: a process that has just started read a file that may be older.
      return after.flatMap((node) => [
        ...moveCommands(node, before),
        ...(node.isDraining ? drainCommands(node.name) : readyCommands(node.name)),
      ]);
    case 'drain':
      return drainCommands(message.name);
    case 'undrain':
      // The supervisor has seen that it is ready; the next check would find out only later.
      return [...readyCommands(message.name), `${message.name} health up`];
    default:
      return unreachable(message);
  }
}

function moveCommands({ name, host, port }: DoorNode, before: readonly DoorNode[]): string[] {
  const hasMoved = before.some((node) => node.name === name && (node.host !== host || node.port !== port));
  return hasMoved ? [`${name} addr ${host} port ${port}`] : [];
}

/** The state alone would let back in whom a cookie brings; the configuration looks at the weight. */
function drainCommands(name: string): string[] {
  return [`${name} weight 0`, `${name} state drain`];
}

function readyCommands(name: string): string[] {
  return [`${name} weight 100%`, `${name} state ready`];
}
