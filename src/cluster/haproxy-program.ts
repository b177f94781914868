import { join } from 'node:path';
import { unreachable } from '../core/errors.js';
import type { DoorNode } from '../proxy/front-door.js';
import { haproxyBackendName, haproxyConfig, haproxySocketPath } from '../proxy/haproxy-config.js';
import { type Backend, confirmTimeoutOf, isHeld, seeInForce, type ToBalancer } from './balancer-link.js';
import { type BalancerProgram, doorOf, nodesAfter, type ProgramDoor, programSpec } from './balancer-program.js';
import type { Child } from './child.js';
import { findProgram } from './find-program.js';
import { askHaproxy } from './haproxy-api.js';
import { OneAtATime } from './one-at-a-time.js';
import type { ProcessSpec } from './process-spec.js';
import { ProgramFolder } from './program-folder.js';
import type { Topology } from './topology.js';

/** The master answers within a millisecond; while it executes itself anew, nobody does. */
const masterTimeoutMs = 1_000;

/** HAProxy. It is told things through its runtime API, which costs no connection and no reload. */
export class HaproxyProgram implements BalancerProgram {
  readonly #path: string;
  readonly #topology: Topology;
  readonly #folder: ProgramFolder;
  #door: ProgramDoor | undefined;
  /** What the running process was last seen to know; when it is not what the file says, it is told everything. */
  #told: readonly DoorNode[] = [];
  /** What is said during a reload could reach the worker that goes. */
  readonly #changes = new OneAtATime();

  /** @throws AppError `program-missing` */
  constructor(topology: Topology, env: Readonly<Record<string, string | undefined>>) {
    this.#topology = topology;
    this.#path = findProgram('haproxy', env);
    this.#folder = new ProgramFolder('haproxy.cfg');
  }

  async prepare(nodes: readonly Backend[]): Promise<ProcessSpec> {
    const door = await doorOf(this.#topology, this.#folder.path, nodes);
    this.#door = door;
    this.#told = door.nodes;
    this.#folder.writeConfig(haproxyConfig(door));
    // -W: a master that can reload; -db: in the foreground, whatever the configuration says; -S: where it is asked.
    const master = ['-W', '-db', '-S', `${this.#masterPath},mode,600`];
    return programSpec([this.#path, ...master, '-f', this.#folder.configPath], door);
  }

  tell(balancer: Child | undefined, message: ToBalancer): Promise<boolean> {
    return this.#changes.do(() => this.#tellNow(balancer, message));
  }

  reload(balancer: Child): Promise<boolean> {
    return this.#changes.do(() => this.#reloadNow(balancer));
  }

  async #tellNow(balancer: Child | undefined, message: ToBalancer): Promise<boolean> {
    const before = this.#door;
    if (before === undefined) return false;
    const after = { ...before, nodes: nodesAfter(before.nodes, message) };
    this.#door = after;
    this.#folder.writeConfig(haproxyConfig(after));
    // What waited in the socket of one that is stopped could be carried out behind what it is told when it goes on.
    if (balancer === undefined || !(await seeInForce(balancer, async () => !isHeld(balancer)))) return false;
    const isInFull = this.#told !== before.nodes || message.type === 'backends';
    const commands = [...(isInFull ? allCommands(this.#told, after.nodes) : []), ...commandsFor(message)];
    for (const command of commands) {
      if (!(await this.#carryOut(command, confirmTimeoutOf(balancer)))) return false;
    }
    this.#told = after.nodes;
    return true;
  }

  /**
   * The master executes itself anew when it has started a worker, after its own start too, and drops what it is asked
   * meanwhile. So it is asked until it answers, and told again as long as its worker is the one from before.
   */
  async #reloadNow(balancer: Child): Promise<boolean> {
    const nodes = this.#door?.nodes ?? [];
    let before: string | undefined;
    const isReplaced = async (): Promise<boolean> => {
      const worker = await this.#worker();
      before ??= worker;
      if (worker !== before) return worker !== undefined;
      if (worker !== undefined) await this.#askMaster('reload');
      return false;
    };
    const isInForce = await seeInForce(balancer, isReplaced);
    if (isInForce) this.#told = nodes;
    return isInForce;
  }

  /** The pid of the worker that takes new connections; undefined while the master does not answer. */
  async #worker(): Promise<string | undefined> {
    const processes = (await this.#askMaster('show proc')) ?? '';
    const [current = ''] = processes.split('# old workers');
    return /^(\d+)\s+worker\s/m.exec(current)?.[1];
  }

  #askMaster(command: string): Promise<string | undefined> {
    return askHaproxy(this.#masterPath, command, masterTimeoutMs);
  }

  get #masterPath(): string {
    return join(this.#folder.path, 'master.sock');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#folder[Symbol.dispose]();
  }

  async #carryOut(command: string, timeoutMs: number): Promise<boolean> {
    const answer = await askHaproxy(
      haproxySocketPath(this.#folder.path),
      `set server ${haproxyBackendName}/${command}`,
      timeoutMs,
    );
    // An address is answered with what changed, or that it need not, everything else with nothing.
    return answer === '' || (answer !== undefined && /changed|no need to change/.test(answer));
  }
}

/** Everything again: a process that has just started read a file that may be older, another may have missed a part. */
function allCommands(before: readonly DoorNode[], after: readonly DoorNode[]): string[] {
  return after.flatMap((node) => [
    ...moveCommands(node, before),
    ...(node.isDraining ? drainCommands(node.name) : readyCommands(node.name)),
  ]);
}

function commandsFor(message: ToBalancer): string[] {
  switch (message.type) {
    case 'backends':
      return [];
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
