import { userInfo } from 'node:os';
import type { DoorNode } from '../proxy/front-door.js';
import { type NginxDoor, nginxConfig, type SupervisedNginx } from '../proxy/nginx-config.js';
import { type Backend, seeInForce, type ToBalancer } from './balancer-link.js';
import { type BalancerProgram, doorOf, nodesAfter, type ProgramDoor, programSpec } from './balancer-program.js';
import type { Child } from './child.js';
import { findProgram } from './find-program.js';
import { OneAtATime } from './one-at-a-time.js';
import { findPort, refusesConnections } from './port.js';
import type { ProcessSpec } from './process-spec.js';
import { ProgramFolder } from './program-folder.js';
import type { Topology } from './topology.js';
import { clockVariables } from './wall-clocks.js';

interface Door extends NginxDoor, ProgramDoor {
  readonly supervised: SupervisedNginx;
}

const loopback = '127.0.0.1';

/** nginx. It is told things by another configuration and a reload, after which old workers keep their connections. */
export class NginxProgram implements BalancerProgram {
  readonly #path: string;
  readonly #topology: Topology;
  readonly #folder: ProgramFolder;
  #door: Door | undefined;
  /** Whether the file says something that the running process may not have read. */
  #isStale = false;
  /** Each reload waits for the workers of the one before. */
  readonly #reloads = new OneAtATime();

  /** @throws AppError `program-missing` */
  constructor(topology: Topology, env: Readonly<Record<string, string | undefined>>) {
    this.#topology = topology;
    this.#path = findProgram('nginx', env);
    this.#folder = new ProgramFolder('nginx.conf');
  }

  async prepare(nodes: readonly Backend[]): Promise<ProcessSpec> {
    const door = await doorOf(this.#topology, this.#folder.path, nodes);
    const { uid, username } = userInfo();
    // Otherwise root's workers run as somebody who may not enter the folder.
    const user = uid === 0 ? username : undefined;
    const supervised = { ...door.supervised, versionPort: await findPort(loopback), user };
    this.#door = { ...door, supervised };
    this.#folder.writeConfig(nginxConfig(this.#door));
    // -e: what it says before it has read the configuration belongs to us too; -p: no path leads elsewhere.
    const argv = [this.#path, '-e', 'stderr', '-p', this.#folder.path, '-c', this.#folder.configPath] as const;
    return programSpec([...argv, ...this.#clockWords()], door);
  }

  tell(balancer: Child | undefined, message: ToBalancer): Promise<boolean> {
    return this.#reloads.do(() => this.#tellNow(balancer, message));
  }

  reload(balancer: Child): Promise<boolean> {
    return this.#reloads.do(() => this.#reloadWith(balancer, this.#door?.nodes ?? []));
  }

  async #tellNow(balancer: Child | undefined, message: ToBalancer): Promise<boolean> {
    const before = this.#door;
    if (before === undefined) return false;
    const nodes = nodesAfter(before.nodes, message);
    const isSame = JSON.stringify(nodes) === JSON.stringify(before.nodes);
    if (isSame && !this.#isStale) return true;
    return this.#reloadWith(balancer, nodes);
  }

  async #reloadWith(balancer: Child | undefined, nodes: readonly DoorNode[]): Promise<boolean> {
    const before = this.#door;
    if (before === undefined) return false;
    const supervised = { ...before.supervised, versionPort: await findPort(loopback) };
    this.#door = { ...before, nodes, supervised };
    this.#folder.writeConfig(nginxConfig(this.#door));
    this.#isStale = true;
    if (balancer === undefined) return false;
    balancer.signal('SIGHUP');
    const [oldPort, newPort] = [before.supervised.versionPort, supervised.versionPort];
    this.#isStale = !(await seeInForce(balancer, () => isInForce(oldPort, newPort)));
    return !this.#isStale;
  }

  /** It takes from its workers what it was not told to leave them of its environment. */
  #clockWords(): string[] {
    if (this.#topology.clocks?.includes('balancer') !== true) return [];
    return ['-g', clockVariables.map((name) => `env ${name};`).join(' ')];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#folder[Symbol.dispose]();
  }
}

/** Whether new workers accept and no old one does any more. */
async function isInForce(oldPort: number, newPort: number): Promise<boolean> {
  return (await refusesConnections(loopback, oldPort)) && !(await refusesConnections(loopback, newPort));
}
