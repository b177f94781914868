import { createRandom, type Random } from '../../src/core/random.js';
import type { FaultFact } from '../../src/record/account.js';
import { arrivalMark, type Plan, publishOutcome, type SessionFact } from '../../src/record/history.js';
import type { ArrivalRow, HistoryRows, PublishRow, SettlementRow } from './history-rows.js';

/**
 * What a sound system leaves behind: nodes die, hang and restart, clients lose sessions and come back through other
 * nodes, some come late and some leave early, users have several devices, and whatever was accepted reaches everybody,
 * live or by recovery. In half of the histories nobody recovers, and the contract excuses the time around the faults.
 * Times are microseconds; the same seed gives the same history.
 */
export function generatedHistory(seed: number): HistoryRows {
  const random = createRandom(seed).fork('sound system');
  const plan = makePlan(random);
  const recovers = plan.clients[0]?.recovers ?? false;
  const faults = makeFaults(random, plan);
  const lives = plan.clients.map((client) => makeLife(random, plan, client.subscribes, faults));
  const sent = lives.flatMap((life, publisher) => send(random, plan, publisher, life)).sort(byAcceptance);
  const goodbyes = new Map(lives.map((life, client) => [client, life.leaves]));
  const arrivals = lives.flatMap((life, subscriber) => deliver(random, { plan, subscriber, life, sent, recovers }));
  const excused = faults.map(({ atMicros }) => ({ fromMicros: atMicros - 30_000, toMicros: atMicros + 400_000 }));
  return {
    name: `generated ${seed}`,
    plan,
    sessions: lives.flatMap((life, client) => sessionFacts(client, life, goodbyes.get(client), recovers)),
    publishes: sent.map(({ publish }) => publish),
    settlements: sent.flatMap(({ settlement }) => settlement ?? []),
    arrivals,
    end: { nowMicros: endMicros, deadlineMicros: 300_000, faults, excused: recovers ? [] : excused },
  };
}

const loadFromMicros = 100_000;
const loadToMicros = 900_000;
const closesAtMicros = 1_500_000;
const endMicros = 1_600_000;

interface Stay {
  readonly session: number;
  readonly node: number;
  readonly openedAtMicros: number;
  readonly subscribedAtMicros: number;
  readonly confirmedAtMicros: number;
  readonly lastByteAtMicros: number;
  readonly closedAtMicros: number;
  readonly isIntended: boolean;
}

interface Life {
  readonly stays: readonly Stay[];
  readonly subscribes: readonly number[];
  /** A destination that it leaves before the end, after everything that it must get there. */
  readonly leaves:
    | { readonly destination: number; readonly writtenAtMicros: number; readonly confirmedAtMicros: number }
    | undefined;
}

interface Sent {
  readonly publish: PublishRow;
  readonly settlement: SettlementRow | undefined;
  /** When the broker had it; undefined when that never came about. */
  readonly acceptedAtMicros: number | undefined;
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random.int(values.length)] as Value;
}

/** The broker passes messages on in the order in which it accepted them. */
function byAcceptance(a: Sent, b: Sent): number {
  return (a.acceptedAtMicros ?? 0) - (b.acceptedAtMicros ?? 0);
}

/** A moment some time after another one. */
function after(random: Random, atMicros: number, fromMicros: number, toMicros: number): number {
  return atMicros + fromMicros + random.int(toMicros - fromMicros);
}

/** Rooms that everybody may sit in, and mailboxes of users with one or two devices. */
function makePlan(random: Random): Plan {
  const rooms = 1 + random.int(3);
  const users = random.int(3);
  const recovers = random.int(2) === 0;
  const destinations = [
    ...Array.from({ length: rooms }, (_, room) => `/topic/room-${room + 1}`),
    ...Array.from({ length: users }, (_, user) => `/user/user-${user + 1}/queue/private`),
  ];
  const clients = Array.from({ length: 3 + random.int(6) }, (_, client) => {
    const subscribes = destinations
      .map((_, index) => index)
      .filter((index) => {
        // Client 0 hears every room, so that each message has somebody to miss it; devices are dealt out in turn.
        if (index < rooms) return client === 0 || random.int(3) > 0;
        return client % users === index - rooms;
      });
    const publishes = destinations.map((_, index) => index).filter(() => random.int(2) === 0);
    return { subscribes, publishes, recovers };
  });
  const nodes = Array.from({ length: 2 + random.int(3) }, (_, node) => `node-${node + 1}`);
  return { runId: 'deadbeef', nodes, destinations, clients };
}

function makeFaults(random: Random, plan: Plan): FaultFact[] {
  const times = Array.from({ length: random.int(4) }, () => loadFromMicros + random.int(loadToMicros - loadFromMicros));
  return times
    .sort((a, b) => a - b)
    .map((atMicros) => ({ node: random.int(plan.nodes.length), atMicros, killed: random.int(2) === 0 }));
}

function makeLife(random: Random, plan: Plan, subscribes: readonly number[], faults: readonly FaultFact[]): Life {
  const stays: Stay[] = [];
  // One in eight comes in the middle of the load.
  let openedAtMicros = random.int(8) === 0 ? loadFromMicros + random.int(300_000) : random.int(5000);
  for (let session = 1; ; session++) {
    const node = random.int(plan.nodes.length);
    const subscribedAtMicros = after(random, openedAtMicros, 100, 1000);
    const confirmedAtMicros = after(random, subscribedAtMicros, 500, 5000);
    const fault = faults.find((each) => each.node === node && each.atMicros > confirmedAtMicros);
    const closedAtMicros = fault === undefined ? closesAtMicros : after(random, fault.atMicros, 1000, 60_000);
    const lastByteAtMicros = fault === undefined ? closesAtMicros - 1000 : fault.atMicros + random.int(1000);
    const times = { openedAtMicros, subscribedAtMicros, confirmedAtMicros, lastByteAtMicros, closedAtMicros };
    stays.push({ session, node, ...times, isIntended: fault === undefined });
    if (fault === undefined) break;
    openedAtMicros = after(random, closedAtMicros, 1000, 80_000);
  }
  const leaves = random.int(6) > 0 || subscribes.length === 0 ? undefined : pick(random, subscribes);
  if (leaves === undefined) return { stays, subscribes, leaves };
  const writtenAtMicros = after(random, loadToMicros, 200_000, 300_000);
  return {
    stays,
    subscribes,
    leaves: { destination: leaves, writtenAtMicros, confirmedAtMicros: writtenAtMicros + 2000 },
  };
}

function sessionFacts(client: number, life: Life, leaves: Life['leaves'], recovers: boolean): SessionFact[] {
  return life.stays.flatMap((stay): SessionFact[] => {
    const { session, node } = stay;
    const who = { client, session };
    const isLast = stay === life.stays.at(-1);
    return [
      { type: 'session-opened', ...who, node, atMicros: stay.openedAtMicros },
      ...life.subscribes.map(
        (destination): SessionFact => ({
          type: 'subscribe-written',
          ...who,
          destination,
          atMicros: stay.subscribedAtMicros,
        }),
      ),
      ...life.subscribes.map((destination): SessionFact => {
        const recovered = recovers && session > 1 ? true : undefined;
        return { type: 'subscription-confirmed', ...who, destination, atMicros: stay.confirmedAtMicros, recovered };
      }),
      ...(leaves === undefined || !isLast ? [] : goodbyeTo(who, leaves)),
      {
        ...{ type: 'session-closed', ...who, atMicros: stay.closedAtMicros, lastByteAtMicros: stay.lastByteAtMicros },
        ...{ closeCode: stay.isIntended ? 1000 : 1006, intended: stay.isIntended },
      } as SessionFact,
    ];
  });
}

function goodbyeTo(who: { client: number; session: number }, leaves: NonNullable<Life['leaves']>): SessionFact[] {
  const { destination, writtenAtMicros, confirmedAtMicros } = leaves;
  return [
    { type: 'unsubscribe-written', ...who, destination, atMicros: writtenAtMicros },
    { type: 'unsubscribe-confirmed', ...who, destination, atMicros: confirmedAtMicros },
  ];
}

/** What falls due while its publisher is away is written as soon as that is back. A node reads one frame after the other. */
function send(random: Random, plan: Plan, publisher: number, { stays }: Life): Sent[] {
  const sequences = new Map<string, number>();
  const dues = (plan.clients[publisher]?.publishes ?? []).flatMap((destination) =>
    Array.from({ length: 1 + random.int(6) }, () => ({
      destination,
      dueMicros: loadFromMicros + random.int(loadToMicros - loadFromMicros),
    })),
  );
  let [writtenMicros, readMicros] = [0, 0];
  return dues
    .sort((a, b) => a.dueMicros - b.dueMicros)
    .map(({ destination, dueMicros }): Sent => {
      const stay = stays.find((each) => each.lastByteAtMicros > Math.max(dueMicros, writtenMicros + 10)) as Stay;
      const isHeld = stay.confirmedAtMicros > dueMicros;
      writtenMicros = Math.max(dueMicros, writtenMicros + 10, stay.confirmedAtMicros);
      readMicros = Math.max(readMicros + 1, after(random, writtenMicros, 100, 1500));
      const stream = `${stay.session}/${destination}`;
      const sequence = (sequences.get(stream) ?? 0) + 1;
      sequences.set(stream, sequence);
      const id = { publisher, epoch: stay.session, destination, sequence };
      const publish = { ...id, intendedAtMicros: dueMicros, writtenAtMicros: writtenMicros, held: isHeld ? 1 : 0 };
      return { publish, ...settle(random, id, readMicros, stay) };
    });
}

type Id = Pick<SettlementRow, 'publisher' | 'epoch' | 'destination' | 'sequence'>;

/** @param readMicros when the node read it: what it accepts it accepts then */
function settle(random: Random, id: Id, readMicros: number, stay: Stay): Omit<Sent, 'publish'> {
  const receiptAtMicros = after(random, readMicros, 100, 1500);
  if (receiptAtMicros <= stay.lastByteAtMicros) {
    const isRejected = random.int(40) === 0;
    const outcome = isRejected ? publishOutcome.rejected : publishOutcome.acked;
    return {
      settlement: { ...id, outcome, atMicros: receiptAtMicros },
      acceptedAtMicros: isRejected ? undefined : readMicros,
    };
  }
  // The connection was lost before the receipt: nobody can tell whether the node had passed it on.
  const settlement = { ...id, outcome: publishOutcome.indeterminate, atMicros: stay.closedAtMicros };
  return {
    settlement: random.int(2) === 0 ? undefined : settlement,
    acceptedAtMicros: random.int(2) === 0 ? undefined : readMicros,
  };
}

/** One message after the other, as they were accepted: live to whoever is there, by recovery to whoever comes back. */
function deliver(
  random: Random,
  to: { plan: Plan; subscriber: number; life: Life; sent: readonly Sent[]; recovers: boolean },
): ArrivalRow[] {
  const { subscriber, life, recovers } = to;
  const heard = to.sent.filter(({ publish, acceptedAtMicros }) => {
    return acceptedAtMicros !== undefined && life.subscribes.includes(publish.destination);
  });
  const inForce = (stay: Stay): number => stay.confirmedAtMicros - 100;
  const arrivals: ArrivalRow[] = [];
  const open = new Set(heard.filter(({ acceptedAtMicros = 0 }) => acceptedAtMicros >= inForce(life.stays[0] as Stay)));
  for (const stay of life.stays) {
    let atMicros = stay.subscribedAtMicros;
    const arrive = ({ publish }: Sent, marks: number): void => {
      const { publisher, epoch, destination, sequence } = publish;
      arrivals.push({ subscriber, session: stay.session, publisher, epoch, destination, sequence, atMicros, marks });
    };
    for (const one of open) {
      const acceptedAtMicros = one.acceptedAtMicros ?? 0;
      const isMissed = acceptedAtMicros < inForce(stay);
      if (isMissed && !recovers) open.delete(one);
      if (isMissed && recovers) {
        atMicros = Math.min(stay.confirmedAtMicros, Math.max(atMicros + 1, acceptedAtMicros + 100));
        arrive(one, arrivalMark.recovered);
        open.delete(one);
      }
      if (isMissed) continue;
      const dueMicros = Math.max(atMicros + 1, after(random, acceptedAtMicros, 100, 4000));
      if (dueMicros > stay.lastByteAtMicros) break;
      atMicros = dueMicros;
      arrive(one, 0);
      open.delete(one);
    }
  }
  return arrivals;
}
