import { createRandom, type Random } from '../../src/core/random.js';
import { type FactBatch, type Plan, publishOutcome, type UnexpectedArrived } from '../../src/record/history.js';
import { createHistoryWriter, type MessageId } from './history-writer.js';

export interface SentMessage {
  readonly id: MessageId;
  readonly writtenMs: number;
  /** When its RECEIPT came; undefined when it was lost. */
  readonly ackedMs: number | undefined;
}

export interface Arrival {
  readonly subscriber: number;
  readonly id: MessageId;
  readonly atMs: number;
  readonly marks: number;
}

/** A history before it is written down, so that a mutation can change one thing in it. */
export interface CleanHistory {
  readonly plan: Plan;
  /** Node of each client. */
  readonly nodes: readonly number[];
  readonly messages: readonly SentMessage[];
  /** In the order in which they came. */
  readonly arrivals: readonly Arrival[];
  readonly unexpected: readonly UnexpectedArrived['reason'][];
  /** A connection lost at the end. */
  readonly loss: { readonly client: number; readonly lastByteMs: number; readonly atMs: number } | undefined;
}

/** Every ten milliseconds somebody sends; receipts and arrivals take less than that, so nothing overlaps. */
const everyMs = 10;

function randomPlan(random: Random): Plan {
  const destinations = Array.from({ length: 1 + random.int(2) }, (_, index) => index);
  return {
    ...{ runId: 'deadbeef', nodes: ['node-1', 'node-2', 'node-3'].slice(0, 2 + random.int(2)) },
    destinations: destinations.map((index) => `/topic/${index}`),
    // Client 0 listens everywhere, so that each message has somebody to miss it.
    clients: Array.from({ length: 2 + random.int(4) }, (_, client) => ({
      subscribes: client === 0 ? destinations : destinations.filter(() => random.int(3) > 0),
      ...{ publishes: destinations, recovers: true },
    })),
  };
}

/** Everybody is online, every message is acknowledged and arrives once everywhere, in order and in time. */
export function cleanHistory(seed: number): CleanHistory {
  const random = createRandom(seed);
  const plan = randomPlan(random);
  const sequences = new Map<string, number>();
  const messages: SentMessage[] = [];
  const arrivals: Arrival[] = [];
  const count = 3 + random.int(10);
  for (let index = 0; index < count; index++) {
    const publisher = random.int(plan.clients.length);
    const destination = random.int(plan.destinations.length);
    const stream = `${publisher}/${destination}`;
    const sequence = (sequences.get(stream) ?? 0) + 1;
    sequences.set(stream, sequence);
    const id: MessageId = [publisher, 1, destination, sequence];
    const writtenMs = 100 + index * everyMs;
    messages.push({ id, writtenMs, ackedMs: writtenMs + 1 + random.int(4) });
    plan.clients.forEach(({ subscribes }, subscriber) => {
      if (!subscribes.includes(destination)) return;
      arrivals.push({ subscriber, id, atMs: writtenMs + 1 + random.int(5), marks: 0 });
    });
  }
  const nodes = plan.clients.map(() => random.int(plan.nodes.length));
  return { plan, nodes, messages, arrivals, unexpected: [], loss: undefined };
}

/** The facts of a history. */
export function factsOf({ plan, nodes, messages, arrivals, unexpected, loss }: CleanHistory): FactBatch {
  const writer = createHistoryWriter().everybodyOnline(plan, (client) => nodes[client] ?? -1);
  for (const { id, writtenMs, ackedMs } of messages) {
    writer.published(id, writtenMs);
    if (ackedMs !== undefined) writer.settled(id, publishOutcome.acked, ackedMs);
  }
  for (const { subscriber, id, atMs, marks } of arrivals) writer.arrived(subscriber, 1, id, atMs, marks);
  for (const reason of unexpected) writer.unexpected(0, reason, 200);
  if (loss !== undefined) writer.closed(loss.client, 1, loss.atMs, { lastByteMs: loss.lastByteMs });
  return writer.take();
}
