import { createRandom, type Random } from '../../src/core/random.js';
import type { FaultFact } from '../../src/record/account.js';
import { type FactBatch, type Plan, publishOutcome } from '../../src/record/history.js';
import { createHistoryWriter, type HistoryWriter, type MessageId } from './history-writer.js';
import type { NaiveEnd } from './naive-checker.js';

/** A small history in which everything that can go wrong goes wrong often, on a clock so coarse that edges meet. */
export interface RandomHistory {
  readonly plan: Plan;
  /** Facts by worker, each in the order of its times: [atMs, write it]. */
  readonly workers: readonly (readonly Fact[])[];
  readonly end: NaiveEnd;
}

type Fact = readonly [atMs: number, write: (writer: HistoryWriter) => void];

const nowMs = 80;
const deadlineMs = 10;

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random.int(values.length)] as Value;
}

/** Up to two rooms, and in half of the plans a mailbox that only the devices of one user hear. */
function randomPlan(random: Random): Plan {
  const rooms = Array.from({ length: 1 + random.int(2) }, (_, index) => index);
  const mailbox = random.int(2) === 0 ? [rooms.length] : [];
  const destinations = [...rooms, ...mailbox];
  const clients = Array.from({ length: 2 + random.int(3) }, (_, client) => ({
    subscribes: [...rooms.filter(() => random.int(5) > 0), ...(client % 2 === 0 ? mailbox : [])],
    publishes: destinations,
    recovers: random.int(2) === 0,
  }));
  return {
    runId: 'deadbeef',
    nodes: ['node-1', 'node-2', 'node-3'].slice(0, 2 + random.int(2)),
    destinations: destinations.map((index) => (index < rooms.length ? `/topic/${index}` : '/user/ann/queue/private')),
    clients,
  };
}

/** Some end when the caller says, some with the next; a kill takes its time until the process is gone. */
function randomFaults(random: Random, plan: Plan): FaultFact[] {
  return Array.from({ length: random.int(3) }, () => {
    const atMicros = random.int(60) * 1000;
    return {
      node: random.int(6) === 0 ? -1 : random.int(plan.nodes.length),
      atMicros,
      killed: random.int(3) > 0,
      ...(random.int(2) === 0 ? { goneAtMicros: atMicros + random.int(4) * 1000 } : {}),
      ...(random.int(3) === 0 ? { untilMicros: atMicros + random.int(20) * 1000 } : {}),
    };
  });
}

interface Times {
  readonly session: number;
  readonly fromMs: number;
  readonly toMs: number;
}

interface SentAt {
  readonly id: MessageId;
  readonly atMs: number;
  readonly isRejected: boolean;
}

function randomSessions(random: Random, plan: Plan, client: number, facts: Fact[]): Times[] {
  const times: Times[] = [];
  let atMs = random.int(8);
  const count = 1 + random.int(3);
  for (let session = 1; session <= count; session++) {
    const openedMs = atMs;
    const node = random.int(6) === 0 ? -1 : random.int(plan.nodes.length);
    facts.push([openedMs, (writer) => writer.opened(client, session, node, openedMs)]);
    const closesAtMs = openedMs + 4 + random.int(30);
    const staysOpen = session === count && random.int(2) === 0;
    for (const destination of plan.clients[client]?.subscribes ?? []) {
      const writtenMs = openedMs + random.int(3);
      const confirmedMs = random.int(8) === 0 ? undefined : writtenMs + random.int(2);
      const recovered = session > 1 ? pick(random, [true, false, undefined]) : undefined;
      facts.push([
        writtenMs,
        (writer) => writer.subscribed(client, session, destination, writtenMs, confirmedMs, recovered),
      ]);
      if (random.int(8) > 0) continue;
      const leftMs = closesAtMs - 1;
      facts.push([leftMs, (writer) => writer.unsubscribed(client, session, destination, leftMs, leftMs)]);
    }
    times.push({ session, fromMs: openedMs, toMs: staysOpen ? nowMs : closesAtMs });
    if (staysOpen) break;
    const how = {
      lastByteMs: closesAtMs - random.int(4),
      code: pick(random, [1006, 1006, 1000, 1013, 4500, 4501]),
      ...(random.int(2) === 0 ? { unreadMs: 1000 } : {}),
      intended: random.int(4) === 0,
    };
    facts.push([closesAtMs, (writer) => writer.closed(client, session, closesAtMs, how)]);
    atMs = closesAtMs + random.int(15);
  }
  return times;
}

function randomPublishes(random: Random, client: number, times: readonly Times[], plan: Plan, facts: Fact[]) {
  const sent: SentAt[] = [];
  for (const { session, fromMs, toMs } of times) {
    for (const destination of plan.clients[client]?.publishes ?? []) {
      const count = random.int(4);
      const atMs = Array.from({ length: count }, () => fromMs + random.int(toMs - fromMs)).sort((a, b) => a - b);
      atMs.forEach((writtenMs, index) => {
        const id: MessageId = [client, session, destination, index + 1];
        const given = random.int(12) === 0 ? Number.NaN : writtenMs;
        facts.push([writtenMs, (writer) => writer.published(id, given, { intendedMs: writtenMs })]);
        const outcomes = [undefined, ...Object.values(publishOutcome), publishOutcome.acked, publishOutcome.acked];
        const outcome = pick(random, outcomes);
        const isRejected = Number.isNaN(given) || outcome === publishOutcome.rejected;
        sent.push({ id, atMs: writtenMs, isRejected });
        const settledMs = writtenMs + random.int(5);
        if (outcome !== undefined) facts.push([settledMs, (writer) => writer.settled(id, outcome, settledMs)]);
      });
    }
  }
  return sent;
}

/** How a history goes wrong. In the wild ones everything does, so that nothing but a tame one can keep a contract. */
interface Mood {
  readonly isTame: boolean;
  /** Of four arrivals, so many are lost. */
  readonly lossRate: number;
  readonly hasCopies: boolean;
}

function randomMood(random: Random): Mood {
  const isTame = random.int(2) === 0;
  return {
    isTame,
    lossRate: isTame ? pick(random, [0, 0, 0, 1]) : random.int(4),
    hasCopies: !isTame || random.int(3) === 0,
  };
}

function randomArrivals(
  random: Random,
  mood: Mood,
  { id, atMs, isRejected }: SentAt,
  { plan, subscriber, times }: { plan: Plan; subscriber: number; times: readonly Times[] },
): Fact[] {
  const isMine = plan.clients[subscriber]?.subscribes.includes(id[2]) === true;
  if (!isMine && (mood.isTame || random.int(6) > 0)) return [];
  if (random.int(4) < mood.lossRate || (mood.isTame && isRejected)) return [];
  const copies = mood.hasCopies && random.int(5) === 0 ? 2 + random.int(2) : 1;
  return Array.from({ length: copies }, (): Fact[] => {
    const delayMs = mood.isTame ? 1 : random.int(random.int(3) === 0 ? 20 : 4);
    const arrivedMs = atMs + delayMs;
    const marks = mood.isTame ? 0 : pick(random, [0, 0, 0, 0, 1, 2]);
    // A session has subscribed two milliseconds after it began, and may leave one before it ends.
    const open = times.find((each) => each.fromMs + 2 <= arrivedMs && arrivedMs <= each.toMs - 2);
    if (open === undefined && mood.isTame) return [];
    const { session } = open ?? pick(random, times);
    return [[arrivedMs, (writer) => writer.arrived(subscriber, session, id, arrivedMs, marks)]];
  }).flat();
}

/** The same seed gives the same history. */
export function randomHistory(seed: number, workerCount = 1): RandomHistory {
  const random = createRandom(seed);
  const plan = randomPlan(random);
  const workers: Fact[][] = Array.from({ length: workerCount }, () => []);
  const factsOf = (client: number): Fact[] => workers[client % workerCount] as Fact[];
  const times = plan.clients.map((_, client) => randomSessions(random, plan, client, factsOf(client)));
  const sent = plan.clients.flatMap((_, client) =>
    randomPublishes(random, client, times[client] as Times[], plan, factsOf(client)),
  );
  const mood = randomMood(random);
  const strangers = mood.isTame ? [] : [{ id: [0, 1, 0, 9] as const, atMs: 20, isRejected: false }];
  for (const message of [...sent, ...strangers]) {
    plan.clients.forEach((_, subscriber) => {
      const around = { plan, subscriber, times: times[subscriber] as Times[] };
      factsOf(subscriber).push(...randomArrivals(random, mood, message, around));
    });
  }
  const faults = randomFaults(random, plan);
  const fromMicros = random.int(60) * 1000;
  const lastsMicros = pick(random, [8000, 8000, 90_000]);
  const excused = random.int(3) === 0 ? [{ fromMicros, toMicros: fromMicros + lastsMicros }] : [];
  const end = { nowMicros: nowMs * 1000, deadlineMicros: deadlineMs * 1000, faults, excused };
  return { plan, workers: workers.map((facts) => facts.toSorted((a, b) => a[0] - b[0])), end };
}

/** The end of a history in which everything takes so many times as long; see `batchesOf`. */
export function slowed({ nowMicros, deadlineMicros, faults, excused }: NaiveEnd, slowness: number): NaiveEnd {
  return {
    nowMicros: nowMicros * slowness,
    deadlineMicros: deadlineMicros * slowness,
    faults: faults.map(({ node, killed, ...times }) => ({ node, killed, ...multiplied(times, slowness) })),
    excused: excused?.map((each) => multiplied(each, slowness)) ?? [],
  };
}

function multiplied<Times extends Record<string, number>>(times: Times, by: number): Times {
  return Object.fromEntries(Object.entries(times).map(([name, value]) => [name, value * by])) as Times;
}

/**
 * Facts of one worker in one batch, or cut at the given times.
 * @param slowness how many times as long everything takes
 */
export function batchesOf(facts: readonly Fact[], cutsMs: readonly number[] = [], slowness = 1): FactBatch[] {
  const edges = [-Infinity, ...cutsMs, Infinity];
  return edges.slice(1).map((toMs, index) => {
    const writer = createHistoryWriter(slowness);
    for (const [atMs, write] of facts) if (atMs >= (edges[index] as number) && atMs < toMs) write(writer);
    return writer.take();
  });
}
