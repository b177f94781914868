import type { Plan } from '../record/history.js';
import type { Client } from './client.js';
import type { DrainWatch } from './client-host.js';
import { FanOutBudget } from './fan-out-budget.js';
import type { Subscription } from './subscription.js';
import type { Tally } from './tally.js';

const tickMs = 50;
/** Of the whole run, all workers together. */
const perSecond = { publishes: 4000, deliveries: 40_000 };

/** Who publishes to each destination, in the order of the plan. */
export function publishersByDestination(plan: Plan): readonly (readonly number[])[] {
  const publishers: number[][] = plan.destinations.map(() => []);
  for (const [client, { publishes }] of plan.clients.entries()) {
    for (const destination of publishes) publishers[destination]?.push(client);
  }
  return publishers;
}

/** Who subscribes to each destination, counted. */
export function subscriberCounts(plan: Plan): readonly number[] {
  const counts = plan.destinations.map(() => 0);
  for (const { subscribes } of plan.clients) {
    for (const destination of subscribes) counts[destination] = (counts[destination] ?? 0) + 1;
  }
  return counts;
}

/**
 * Counts which last fences came: each pair (publisher, subscription) once, however often it is sent. One
 * bit per pair, because a room of 5,000 has 25 million of them.
 */
export class DrainBook implements DrainWatch {
  readonly #publishers: readonly (readonly number[])[];
  readonly #tally: Tally;
  /** Rank of each publisher at its destination. A client publishes to one destination. */
  readonly #ranks = new Map<number, number>();

  constructor(plan: Plan, tally: Tally) {
    this.#publishers = publishersByDestination(plan);
    this.#tally = tally;
    for (const publishers of this.#publishers) {
      for (const [rank, client] of publishers.entries()) this.#ranks.set(client, rank);
    }
  }

  /** How many pairs these subscriptions make. */
  expected(destinations: readonly number[]): number {
    return destinations.reduce((sum, destination) => sum + (this.#publishers[destination]?.length ?? 0), 0);
  }

  arrived(subscription: Subscription, publisher: number): void {
    const rank = this.#ranks.get(publisher);
    const publishers = this.#publishers[subscription.destination];
    if (rank === undefined || publishers?.[rank] !== publisher) return;
    subscription.drainedFrom ??= new Uint8Array(Math.ceil(publishers.length / 8));
    const bits = subscription.drainedFrom[rank >> 3] ?? 0;
    const bit = 1 << (rank & 7);
    if ((bits & bit) !== 0) return;
    subscription.drainedFrom[rank >> 3] = bits | bit;
    this.#tally.drainArrived++;
  }
}

/**
 * Sends the last fences of these clients, paced. Those away are waited for, up to `waitMs`: their fence
 * must come after what they still hold.
 * @param options.share the part of the run's fences that these clients may send, 0 to 1
 * @returns how many could not send theirs
 */
export function sendDrainFences(
  clients: readonly Client[],
  options: { counts: readonly number[]; waitMs: number; share: number },
): { done: Promise<number>; stop(): void } {
  const budget = new FanOutBudget({
    publishes: perSecond.publishes * options.share,
    deliveries: perSecond.deliveries * options.share,
  });
  let waiting = clients.filter((client) => client.publisher !== undefined);
  let timer: NodeJS.Timeout | undefined;
  let finish: (left: number) => void = () => undefined;
  const done = new Promise<number>((resolve) => {
    finish = resolve;
  });
  let waitedMs = 0;
  const tick = (): void => {
    budget.refill(tickMs);
    let isSpent = false;
    waiting = waiting.filter(({ publisher }) => {
      if (publisher === undefined) return false;
      // Nothing falls due any more, nor may a RECEIPT come that would have it written.
      publisher.writeHeld();
      if (isSpent || publisher.heldCount > 0) return true;
      if (!publisher.canSend) return true;
      isSpent = !budget.spend(options.counts[publisher.destination] ?? 1);
      return isSpent || !publisher.drain();
    });
    // Only waiting for somebody who is away counts against the bound, not the pace.
    if (!isSpent) waitedMs += tickMs;
    if (waiting.length === 0 || waitedMs > options.waitMs) stop();
  };
  const stop = (): void => {
    clearInterval(timer);
    finish(waiting.length);
  };
  timer = setInterval(tick, tickMs);
  return { done, stop };
}
