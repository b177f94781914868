import type { Random } from '../../src/core/random.js';
import { arrivalMark, type SessionFact, type UnexpectedArrived } from '../../src/record/history.js';
import { type Committed, type HistoryReading, isSameStream, keyOf } from './history-reading.js';
import type { ArrivalRow } from './history-rows.js';
import { type Mutated, type Mutation, together } from './mutation.js';
import { dropOne, type Pair, pairs, pick, plus, unexpected, without } from './mutation-parts.js';

function drop(passes: (reading: HistoryReading, pair: Pair) => boolean): Mutation['apply'] {
  return (reading, random) => {
    const found = pick(
      random,
      pairs(reading, (pair) => passes(reading, pair)),
    );
    return found === undefined ? undefined : dropOne(reading, found);
  };
}

/** The message is lost, and something else comes in its place. */
function spoil(reason: UnexpectedArrived['reason']): Mutation['apply'] {
  return (reading, random) => {
    const found = pick(
      random,
      pairs(reading, ({ message, arrival }) => reading.isRequired(message, arrival.subscriber)),
    );
    if (found === undefined) return undefined;
    const { history, expected } = dropOne(reading, found);
    const { subscriber: client, session, atMicros } = found.arrival;
    const fact: SessionFact = { type: 'unexpected-arrived', client, session, reason, atMicros };
    return {
      history: { ...history, sessions: [...history.sessions, fact] },
      expected: together(expected, unexpected(reason)),
    };
  };
}

function duplicate(
  kind: string,
  make: (reading: HistoryReading, pair: Pair) => ArrivalRow | undefined,
): Mutation['apply'] {
  return (reading, random) => {
    const found = pick(
      random,
      pairs(reading, () => true),
    );
    const again = found === undefined ? undefined : make(reading, found);
    if (again === undefined) return undefined;
    const isExcused = reading.isExcusedAt(again.atMicros);
    const expected = { duplicate: 1, [`duplicate:${kind}`]: 1, ...(isExcused ? {} : { 'unexcused:duplicate': 1 }) };
    return { history: plus(reading.history, again), expected };
  };
}

/** In the next session, just after that was confirmed. */
function inNextSession(reading: HistoryReading, { arrival }: Pair): ArrivalRow | undefined {
  const windows = reading.windows(arrival.subscriber, arrival.destination);
  const next = windows.find((each) => each.session > arrival.session && each.confirmed < each.possibleEnd);
  return next && { ...arrival, session: next.session, atMicros: next.confirmed + 1, marks: 0 };
}

/** Swaps two neighbours of a stream: both come when the later one came, since nothing arrives before it was sent. */
function reorder(reading: HistoryReading, random: Random): Mutated | undefined {
  const { arrivals } = reading.history;
  const live = pairs(reading, ({ arrival }) => arrival.marks === 0).map(({ arrival }) => arrival);
  const swaps = live.flatMap((early) => {
    const later = live.find((each) => isNeighbour(each, early) && each.sequence > early.sequence);
    const isNext = later !== undefined && !arrivals.some((each) => isBetween(each, early, later));
    return isNext ? [[early, later] as const] : [];
  });
  const [early, later] = pick(random, swaps) ?? [];
  if (early === undefined || later === undefined) return undefined;
  const isOverdue = later.atMicros - writtenMicros(reading, early) > reading.history.end.deadlineMicros;
  if (isOverdue) return undefined;
  const swapped = arrivals.map((each) => {
    if (each === early) return { ...later };
    return each === later ? { ...early, atMicros: later.atMicros } : each;
  });
  const isExcused = reading.isExcusedAt(later.atMicros);
  return {
    history: { ...reading.history, arrivals: swapped },
    expected: { reordered: 1, ...(isExcused ? {} : { 'unexcused:reordered': 1 }) },
  };
}

const isNeighbour = (a: ArrivalRow, b: ArrivalRow): boolean =>
  a.subscriber === b.subscriber && a.session === b.session && isSameStream(a, b);
const isBetween = (each: ArrivalRow, a: ArrivalRow, b: ArrivalRow): boolean =>
  isNeighbour(each, a) && a.sequence < each.sequence && each.sequence < b.sequence;

function writtenMicros(reading: HistoryReading, arrival: ArrivalRow): number {
  const of = reading.committed.find(({ publish }) => keyOf(publish) === keyOf(arrival));
  return of?.fromMicros ?? Number.NaN;
}

/** Moves the last arrival of a stream to a moment after its writing. */
function delay(byMoreThanDeadlineMicros: number): Mutation['apply'] {
  return (reading, random) => {
    const { deadlineMicros } = reading.history.end;
    const momentOf = ({ fromMicros }: Committed): number => fromMicros + deadlineMicros + byMoreThanDeadlineMicros;
    const found = pick(
      random,
      pairs(reading, ({ message, arrival }) => {
        if (reading.isLate(message, arrival)) return false;
        const isLast = !reading.history.arrivals.some(
          (each) => isNeighbour(each, arrival) && each.sequence > arrival.sequence,
        );
        const windows = reading.windows(arrival.subscriber, arrival.destination);
        return (
          isLast && windows.some((each) => each.session === arrival.session && each.possibleEnd >= momentOf(message))
        );
      }),
    );
    if (found === undefined) return undefined;
    const history = plus(without(reading.history, found.arrival), {
      ...found.arrival,
      atMicros: momentOf(found.message),
    });
    return { history, expected: byMoreThanDeadlineMicros > 0 ? { late: 1, once: -1 } : {} };
  };
}

const isRequired = (reading: HistoryReading, { message, arrival }: Pair): boolean =>
  reading.isRequired(message, arrival.subscriber);
const isReplay = ({ arrival }: Pair): boolean => arrival.marks === arrivalMark.recovered;

/** What may happen to a delivery that the plan knows. */
export const deliveryMutations: readonly Mutation[] = [
  {
    name: 'a live delivery is dropped',
    flagged: 'missing',
    apply: drop((reading, pair) => isRequired(reading, pair) && !isReplay(pair)),
  },
  {
    name: 'a replayed delivery is dropped',
    flagged: 'missing',
    apply: drop((reading, pair) => isRequired(reading, pair) && isReplay(pair)),
  },
  {
    name: 'a delivery is dropped that the contract excuses',
    flagged: 'missing',
    apply: drop((reading, { message, arrival }) => {
      return reading.isExcused(message) && reading.isCertain(message, arrival.subscriber);
    }),
  },
  { name: 'a delivery is corrupt', flagged: 'unexpected', apply: spoil('corrupt') },
  { name: 'a delivery lost its stamp', flagged: 'unexpected', apply: spoil('no-stamp') },
  { name: 'a delivery comes to the wrong destination', flagged: 'unexpected', apply: spoil('wrong-destination') },
  {
    name: 'a delivery comes twice',
    flagged: 'duplicate',
    apply: duplicate('sameSession', (_, { arrival }) => ({ ...arrival, marks: 0 })),
  },
  {
    name: 'a delivery comes twice and says so',
    flagged: 'duplicate',
    apply: duplicate('redelivered', (_, { arrival }) => ({ ...arrival, marks: arrivalMark.redelivered })),
  },
  {
    name: 'a delivery comes once more in the next session',
    flagged: 'duplicate',
    apply: duplicate('acrossSessions', inNextSession),
  },
  { name: 'two deliveries of a stream change places', flagged: 'reordered', apply: reorder },
  { name: 'a delivery comes a microsecond after the deadline', flagged: 'late', apply: delay(1) },
  { name: 'a delivery comes at the very deadline', flagged: 'nothing', apply: delay(0) },
];
