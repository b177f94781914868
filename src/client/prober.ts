import { nowMicros, nowMs } from '../core/clock.js';
import type { Random } from '../core/random.js';
import { StallWatch } from '../core/stall-watch.js';
import type { Plan } from '../record/history.js';
import { stampBytes, writeStamp } from '../record/stamp.js';
import type { FenceWatch } from './client-host.js';
import type { Engine } from './connection.js';
import { FanOutBudget } from './fan-out-budget.js';
import { Probe, type ProbeTarget } from './probe.js';
import type { Subscription } from './subscription.js';
import type { Tally } from './tally.js';

const tickMs = 200;
/** Ticks further apart say that this process stood still. */
const stallMs = 2 * tickMs;
/** A fence that has not come after this time is sent again. Those under way need not be joined by more of them. */
const resendMicros = 1_000_000;
/** Of the whole run, all workers together: a quarter of what two cores relay and receive. */
const perSecond = { publishes: 2000, deliveries: 20_000 };
/** A RECEIPT may take so long before fences are sent to do its work. */
const receiptPatienceMs = 1000;
/** Origins are bits of a number. */
export const maxOrigins = 30;

export interface ProberOptions {
  readonly engine: Engine;
  /** One per node, in the order of the plan; or the balancer alone, where nodes are not known. */
  readonly targets: readonly ProbeTarget[];
  readonly plan: Plan;
  readonly runNumber: number;
  readonly tally: Tally;
  readonly random: Random;
  readonly fenceTimeoutMs: number;
  /** Subscribers in the whole run, by destination: what a fence costs. */
  readonly subscriberCounts: readonly number[];
  /** The part of the run's fences that this prober may send, 0 to 1. */
  readonly share: number;
}

/** Who waits at a destination, and for whose fences. */
interface Want {
  /** Bit n: origin n. */
  origins: number;
  readonly subscriptions: Subscription[];
}

/**
 * Sends fences [ledger, Fence]: a marked message through every node, again and again, until each
 * subscription of this worker has seen one from each origin that can be reached since it was confirmed.
 * Nothing is concluded from a fence that never comes: after the timeout it is reported, and that is all.
 */
export class Prober implements FenceWatch {
  readonly #options: ProberOptions;
  readonly #probes: readonly Probe[];
  readonly #pending = new Set<Subscription>();
  readonly #unreached: number[][];
  readonly #budget: FanOutBudget;
  /** When the last fence from an origin to a destination was sent. */
  readonly #sentAtMicros: Float64Array;
  /** After it fences may wait in the kernel. */
  readonly #stalls = new StallWatch(stallMs, nowMs());
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  /** Destinations start here in the next tick, so that a small budget serves all in turn. */
  #turn = 0;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#probes = options.targets.map((target, origin) => {
      return new Probe(options.engine, target, options.random.fork(`probe-${origin}`));
    });
    this.#unreached = options.plan.nodes.map(() => options.plan.nodes.map(() => 0));
    const { publishes, deliveries } = perSecond;
    this.#budget = new FanOutBudget({
      publishes: publishes * options.share,
      deliveries: deliveries * options.share,
    });
    this.#sentAtMicros = new Float64Array(options.plan.destinations.length * options.targets.length);
  }

  /** One for each origin. */
  get probes(): readonly Probe[] {
    return this.#probes;
  }

  /** Subscriptions that still wait for some fence. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** [origin][receiving node]: subscriptions given up. Those at an unknown node are not in it. */
  get unreached(): readonly (readonly number[])[] {
    return this.#unreached;
  }

  start(): void {
    for (const probe of this.#probes) probe.start();
    this.#timer ??= setInterval(() => this.#tick(), tickMs);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const probe of this.#probes) probe.close();
  }

  asked(subscription: Subscription): void {
    this.#pending.add(subscription);
  }

  confirmed(subscription: Subscription): void {
    subscription.fencedFrom = 0;
    subscription.askedAtMicros = 0;
    this.#pending.add(subscription);
  }

  arrived(subscription: Subscription, origin: number): void {
    if (origin < maxOrigins) subscription.fencedFrom |= 1 << origin;
  }

  lost(subscription: Subscription): void {
    this.#pending.delete(subscription);
  }

  #tick(): void {
    const connected = this.#connectedOrigins();
    const atMicros = nowMicros();
    const impatientMicros = atMicros - receiptPatienceMs * 1000;
    const overdueMicros = atMicros - this.#options.fenceTimeoutMs * 1000;
    const isAfterStall = this.#stalls.isAfterStall(atMicros / 1000);
    const patient = this.#originsSince(overdueMicros);
    const wants = new Map<number, Want>();
    for (const subscription of this.#pending) {
      if (subscription.state !== 'confirmed') {
        if (subscription.writtenAtMicros < impatientMicros) wantOf(wants, subscription).origins |= connected;
        continue;
      }
      const missing = connected & ~subscription.fencedFrom;
      // With no origin at all nothing can be said yet, unless the time is over.
      if (missing === 0 && connected !== 0) this.#pending.delete(subscription);
      else if (!isAfterStall && (missing & ~patient) === 0 && isOverdue(subscription, connected, overdueMicros))
        this.#giveUp(subscription, missing);
      else {
        const want = wantOf(wants, subscription);
        want.origins |= missing;
        want.subscriptions.push(subscription);
      }
    }
    this.#send(wants, atMicros);
  }

  #connectedOrigins(): number {
    return this.#originsSince(Number.MAX_VALUE);
  }

  /** Those that have been connected for so long. */
  #originsSince(atMicros: number): number {
    let bits = 0;
    for (const [origin, probe] of this.#probes.entries()) if (probe.openSinceMicros < atMicros) bits |= 1 << origin;
    return bits;
  }

  #giveUp(subscription: Subscription, missing: number): void {
    this.#pending.delete(subscription);
    for (const [origin, row] of this.#unreached.entries()) {
      if ((missing & (1 << origin)) === 0) continue;
      const count = row[subscription.node];
      if (count !== undefined) row[subscription.node] = count + 1;
    }
  }

  #send(wants: ReadonlyMap<number, Want>, atMicros: number): void {
    this.#budget.refill(tickMs);
    const destinations = [...wants.keys()];
    for (let i = 0; i < destinations.length; i++) {
      const destination = destinations[(this.#turn + i) % destinations.length] as number;
      const want = wants.get(destination) as Want;
      if (!this.#sendFrom(destination, want.origins, atMicros)) {
        this.#turn = (this.#turn + i) % destinations.length;
        return;
      }
      for (const subscription of want.subscriptions) subscription.askedAtMicros ||= atMicros;
    }
  }

  /** @returns false when the budget is spent */
  #sendFrom(destination: number, origins: number, atMicros: number): boolean {
    const { plan, subscriberCounts, tally } = this.#options;
    for (const [origin, probe] of this.#probes.entries()) {
      const slot = destination * this.#probes.length + origin;
      if ((origins & (1 << origin)) === 0 || (this.#sentAtMicros[slot] as number) > atMicros - resendMicros) continue;
      if (!this.#budget.spend(subscriberCounts[destination] ?? 1)) return false;
      this.#sentAtMicros[slot] = atMicros;
      probe.send(plan.destinations[destination] ?? '', this.#fence(origin, destination));
      tally.fencesSent++;
    }
    return true;
  }

  #fence(origin: number, destination: number): Buffer {
    const atMicros = nowMicros();
    const stamp = {
      runNumber: this.#options.runNumber,
      kind: 'f',
      publisher: origin,
      epoch: 0,
      destination,
      sequence: ++this.#sequence,
      intendedAtMicros: atMicros,
      writtenAtMicros: atMicros,
    } as const;
    return writeStamp(stamp, stampBytes);
  }
}

/** The time runs from the first fence that was sent for a subscription; without any origin, from its confirmation. */
function isOverdue(subscription: Subscription, connected: number, overdueMicros: number): boolean {
  const fromMicros = connected === 0 ? subscription.confirmedAtMicros : subscription.askedAtMicros;
  return fromMicros !== 0 && fromMicros < overdueMicros;
}

function wantOf(wants: Map<number, Want>, { destination }: Subscription): Want {
  const want = wants.get(destination) ?? { origins: 0, subscriptions: [] };
  wants.set(destination, want);
  return want;
}
