import { AppError } from '../core/errors.js';
import type { BalancerProgram } from './balancer-program.js';
import { DescriptorHunger } from './descriptor-hunger.js';
import type { Member } from './member.js';
import type { ProcessSpec } from './process-spec.js';
import type { Trouble } from './trouble.js';
import { WallClocks } from './wall-clocks.js';

/** Of the cluster whose processes are troubled. */
export interface Troubled {
  find(name: string): Member;
  /** What stands in front when it is not ours. */
  readonly balancerProgram: BalancerProgram | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The troubles of one cluster, with what must outlast a step for them. */
export class ProcessTrouble implements Trouble, Disposable {
  readonly #cluster: Troubled;
  readonly #env: Env;
  readonly #hunger: DescriptorHunger;
  #clocks: WallClocks | undefined;

  constructor(cluster: Troubled, env: Env) {
    this.#cluster = cluster;
    this.#env = env;
    this.#hunger = new DescriptorHunger(env);
  }

  /** Before these processes start: each gets a wall clock of its own. @throws AppError `program-missing` */
  prepareClocks(names: readonly string[]): void {
    if (names.length > 0) this.#clocks = new WallClocks(names, this.#env);
  }

  /** How to start a process, with its clock where it has one. */
  withClock(spec: ProcessSpec): ProcessSpec {
    return { ...spec, env: { ...spec.env, ...this.#clocks?.environmentOf(spec.name) } };
  }

  async exhaust(name: string): Promise<void> {
    await this.#hunger.begin(this.#cluster.find(name));
  }

  async replenish(name: string): Promise<void> {
    await this.#hunger.end(this.#cluster.find(name));
  }

  async stepClock(name: string, offsetMs: number): Promise<void> {
    const member = this.#cluster.find(name);
    if (member.ready === undefined || member.isPaused) throw member.notRunning();
    if (this.#clocks?.has(name) !== true) throw new AppError('control-failed', `${name} has no clock of its own`);
    await this.#clocks.set(member, offsetMs);
  }

  async restoreClock(name: string): Promise<void> {
    if (this.#clocks?.has(name) === true) await this.#clocks.set(this.#cluster.find(name), 0);
  }

  async reload(name: string): Promise<void> {
    const { balancerProgram } = this.#cluster;
    const member = this.#cluster.find(name);
    if (member.ready === undefined || member.child === undefined) throw member.notRunning();
    const isInForce = (await balancerProgram?.reload(member.child)) ?? false;
    if (!isInForce) throw new AppError('control-failed', `${name} was not seen to read its configuration again`);
  }

  [Symbol.dispose](): void {
    this.#clocks?.[Symbol.dispose]();
  }
}
