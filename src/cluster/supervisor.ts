import { join } from 'node:path';
import { nowMicros, nowMs, waitUntil } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { Moment } from '../core/moment.js';
import { packageRoot } from '../core/package-root.js';
import type { ToxicSpec } from '../proxy/toxics/registry.js';
import type { ProcessStatus } from '../record/snapshot.js';
import { type Backend, type ToBalancer, tellBalancer } from './balancer-link.js';
import type { BalancerProgram } from './balancer-program.js';
import type { Child } from './child.js';
import type { Cluster, KillOutcome, NodeAddress } from './cluster.js';
import type { ClusterOptions } from './cluster-options.js';
import type { ClusterEvent, ProcessChange } from './event.js';
import { Leash } from './leash.js';
import type { LinkPassages } from './link-passages.js';
import type { LinkSide } from './link-side.js';
import { LogFile } from './log-file.js';
import { Member } from './member.js';
import type { ProcessSpec } from './process-spec.js';
import { ProcessTrouble } from './process-trouble.js';

const readyTimeoutMs = 15_000;
const stopGraceMs = 15_000;
const closeGraceMs = 2000;
/** What the broker gets at least, however long the nodes took. */
const leastGraceMs = 500;
const probeEveryMs = 500;
/** How long a node that hangs is asked for its connections before something is done to them. */
const connectionsTimeoutMs = 5000;

/** Starts, watches and ends processes; `openCluster` makes a cluster of it. */
export class Supervisor implements Cluster {
  readonly project: string;
  brokerUrl = 'simple';
  /** How the balancer is told things when it is not ours; disposed with the cluster. */
  balancerProgram: BalancerProgram | undefined;
  /** What lies between nodes, broker and clients where it may be disturbed. */
  passages: LinkPassages | undefined;
  readonly trouble: ProcessTrouble;
  readonly #options: ClusterOptions;
  readonly #members = new Map<string, Member>();
  readonly #logs = new Map<string, LogFile>();
  readonly #listeners = new Set<(event: ClusterEvent) => void>();
  readonly #leash = new Leash((reason) => this.#emit('leash', { type: 'leash-lost', reason }));
  readonly #probeTimer: NodeJS.Timeout;
  #isProbing = false;
  #closing: Promise<void> | undefined;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.project = options.project ?? 'default';
    this.trouble = new ProcessTrouble(this, options.env);
    if (options.onEvent !== undefined) this.#listeners.add(options.onEvent);
    this.#probeTimer = setInterval(() => void this.#probe(), probeEveryMs);
    this.#probeTimer.unref();
  }

  get nodes(): readonly NodeAddress[] {
    return [...this.#members.values()].flatMap(({ spec, port, lastUrl }) => {
      if (spec.role !== 'node' || port === null || lastUrl === null) return [];
      const node = { name: spec.name, host: spec.host, port, url: lastUrl };
      return [this.passages?.addressFor(node) ?? node];
    });
  }

  /** The addresses of all nodes that have one. */
  get backends(): readonly Backend[] {
    return this.nodes.map(({ name, host, port }) => ({ name, host, port }));
  }

  get balancerUrl(): string | undefined {
    return this.urlOf('balancer');
  }

  /** The URL that a process has, or had in its last life. */
  urlOf(name: string): string | undefined {
    return this.#members.get(name)?.lastUrl ?? undefined;
  }

  get lastStatus(): readonly ProcessStatus[] {
    return [...this.#members.values()].map((member) => member.status());
  }

  async status(): Promise<ProcessStatus[]> {
    await Promise.all([...this.#members.values()].map((member) => member.probe()));
    return [...this.lastStatus];
  }

  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<KillOutcome> {
    return this.find(name).kill(signal);
  }

  async killAt(name: string, moment: Moment): Promise<void> {
    await this.find(name).killAt(moment);
  }

  async stop(name: string): Promise<void> {
    const member = this.find(name);
    if (member.child === undefined) throw member.notRunning();
    // First no new connections, then the farewell to those that it has.
    if (member.spec.role === 'node') await this.#tellBalancer({ type: 'drain', name });
    this.#emit(name, { type: 'process-draining' });
    await member.end(stopGraceMs);
  }

  async start(name: string): Promise<void> {
    await this.#startMember(this.find(name));
  }

  async restart(name: string): Promise<void> {
    if (this.find(name).child !== undefined) await this.stop(name);
    await this.start(name);
  }

  async pause(name: string): Promise<void> {
    await this.find(name).pause();
  }

  async unpause(name: string): Promise<void> {
    const member = this.find(name);
    await member.unpause();
    await member.probe();
    if (member.spec.role === 'balancer') await this.connectBalancer();
  }

  isPaused(name: string): boolean {
    return this.#members.get(name)?.isPaused === true;
  }

  async cut(name: string): Promise<void> {
    const connections = await this.#openPassages.cut(name);
    if (connections === 0) throw new AppError('control-failed', `${name} had no connection that could be cut`);
    this.#emit(name, { type: 'link-cut', connections });
  }

  async mend(name: string): Promise<void> {
    if ((await this.passages?.mend(name)) === true) this.#emit(name, { type: 'link-mended' });
  }

  async resetLink(name: string, side: LinkSide): Promise<void> {
    await this.#expectClients(name, side);
    const connections = await this.#openPassages.reset(name, side);
    if (connections === 0) throw unconnected(name, side);
    this.#emit(name, { type: 'link-disturbed', side, by: 'reset', connections });
  }

  async poison(name: string, side: LinkSide, toxic: ToxicSpec): Promise<void> {
    await this.#expectClients(name, side);
    const connections = await this.#openPassages.poison(name, side, toxic);
    if (connections === 0) {
      await this.cure(name, side, toxic.type);
      throw unconnected(name, side);
    }
    this.#emit(name, { type: 'link-disturbed', side, by: toxic.type, connections });
  }

  async cure(name: string, side: LinkSide, toxic: ToxicSpec['type']): Promise<void> {
    if ((await this.passages?.cure(name, side, toxic)) === true) {
      this.#emit(name, { type: 'link-cured', side, of: toxic });
    }
  }

  /** A passage before a node carries the balancer's checks too; whether it has clients, the node itself knows. */
  async #expectClients(name: string, side: LinkSide): Promise<void> {
    if (side !== 'clients') return;
    const member = this.find(name);
    const hasAnswered = async (): Promise<boolean> => {
      await member.probe();
      return member.isPaused || member.status().state !== 'hung';
    };
    // What it said last may be old.
    await waitUntil(hasAnswered, { timeoutMs: connectionsTimeoutMs });
    if (member.child === undefined || member.status().connections === 0) throw unconnected(name, side);
  }

  get #openPassages(): LinkPassages {
    if (this.passages === undefined) throw new AppError('control-failed', 'no link can be disturbed here');
    return this.passages;
  }

  async launch(spec: ProcessSpec): Promise<Child> {
    const earlier = this.#members.get(spec.name);
    if (earlier?.child !== undefined) throw new AppError('control-failed', `${spec.name} is already running`);
    const member = new Member(spec, {
      child: {
        bin: this.#options.bin ?? join(packageRoot(), 'bin', 'cluster-chat.js'),
        cwd: this.#options.cwd,
        env: this.#options.env,
        readyTimeoutMs: this.#options.readyTimeoutMs ?? readyTimeoutMs,
        onLine: (line) => this.#logOf(spec.name)?.write(line),
      },
      leash: this.#leash,
      onChange: (change) => {
        this.#emit(spec.name, change);
        // As after a pause it may have missed what it was told. What cannot be told now is told with what comes next.
        const isBack = spec.role === 'balancer' && change.type === 'process-answered';
        if (isBack) this.connectBalancer().catch(() => undefined);
      },
    });
    this.#members.set(spec.name, member);
    return this.#startMember(member);
  }

  onEvent(listener: (event: ClusterEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the balancer where all nodes are; does nothing without one. */
  async connectBalancer(): Promise<void> {
    const { backends } = this;
    if (backends.length > 0) await this.#tellBalancer({ type: 'backends', backends });
  }

  async close({ graceMs = closeGraceMs }: { graceMs?: number } = {}): Promise<void> {
    // A second call only hurries the first.
    if (this.#closing !== undefined) await this.#endAll([...this.#members.values()], graceMs);
    this.#closing ??= this.#close(graceMs);
    await this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    clearInterval(this.#probeTimer);
    const deadlineMs = nowMs() + graceMs;
    const members = [...this.#members.values()];
    const isBehind = ({ spec }: Member): boolean => spec.role === 'node' || spec.role === 'worker';
    // Draining nodes still publish, so what they publish to goes last.
    await this.#endAll(members.filter(isBehind), graceMs);
    await this.#endAll(members, graceMs === 0 ? 0 : Math.max(leastGraceMs, deadlineMs - nowMs()));
    await this.#leash.close();
    await this.balancerProgram?.[Symbol.asyncDispose]();
    this.trouble[Symbol.dispose]();
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }

  async #endAll(members: readonly Member[], graceMs: number): Promise<void> {
    await Promise.all(members.map((member) => member.end(graceMs)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #startMember(member: Member): Promise<Child> {
    if (this.#closing !== undefined) throw new AppError('control-failed', 'the cluster is going down');
    const child = await member.start();
    const { name, role } = member.spec;
    if (role === 'balancer') await this.connectBalancer();
    // At the first start the balancer is told once, when all nodes are there.
    if (role === 'node' && member.restarts > 0) {
      await this.connectBalancer();
      await this.#tellBalancer({ type: 'undrain', name });
    }
    return child;
  }

  async #tellBalancer(message: ToBalancer): Promise<void> {
    const balancer = this.#members.get('balancer');
    const child = balancer?.ready === undefined ? undefined : balancer.child;
    if (this.balancerProgram !== undefined) await this.balancerProgram.tell(child, message);
    else if (child !== undefined) await tellBalancer(child, message);
  }

  async #probe(): Promise<void> {
    if (this.#isProbing) return;
    this.#isProbing = true;
    try {
      await this.status();
    } finally {
      this.#isProbing = false;
    }
  }

  /** @throws AppError `not-found` */
  find(name: string): Member {
    const member = this.#members.get(name);
    if (member !== undefined) return member;
    const names = [...this.#members.keys()].join(', ');
    throw new AppError('not-found', `no process is called ${name}`, { hint: `There are: ${names}` });
  }

  #logOf(name: string): LogFile | undefined {
    const folder = this.#options.logFolder;
    if (folder === undefined) return undefined;
    const onError = (error: Error): void => this.#emit(name, { type: 'log-lost', reason: error.message });
    const log = this.#logs.get(name) ?? new LogFile(folder, name, onError);
    this.#logs.set(name, log);
    return log;
  }

  #emit(name: string, change: ProcessChange): void {
    const event: ClusterEvent = { ...change, name, atMicros: nowMicros() };
    for (const listener of this.#listeners) listener(event);
  }
}

function unconnected(name: string, side: LinkSide): AppError {
  const peer = side === 'broker' ? 'the broker' : 'clients';
  return new AppError('control-failed', `${name} had no connection to ${peer} that could be disturbed`);
}
