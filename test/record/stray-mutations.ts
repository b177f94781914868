import type { UnexpectedArrived } from '../../src/record/history.js';
import type { HistoryReading } from './history-reading.js';
import type { ArrivalRow } from './history-rows.js';
import type { Mutation } from './mutation.js';
import { type Pair, pairs, pick, plus, unexpected } from './mutation-parts.js';

/** An arrival that must not be: made of one that may. */
function stray(
  reason: string,
  make: (reading: HistoryReading, pair: Pair) => ArrivalRow | undefined,
): Mutation['apply'] {
  return (reading, random) => {
    const found = pick(
      random,
      pairs(reading, () => true),
    );
    const added = found === undefined ? undefined : make(reading, found);
    return added && { history: plus(reading.history, added), expected: unexpected(reason) };
  };
}

function closedAt(reading: HistoryReading, { subscriber, session }: ArrivalRow): number | undefined {
  return reading.history.sessions.find(
    (fact) => fact.type === 'session-closed' && fact.client === subscriber && fact.session === session,
  )?.atMicros;
}

/** Something of another run, which the client told by its stamp. */
const foreignRun: Mutation['apply'] = (reading) => {
  const { history } = reading;
  const reason: UnexpectedArrived['reason'] = 'foreign-run';
  const fact = { type: 'unexpected-arrived', client: 0, session: 1, reason, atMicros: history.end.nowMicros } as const;
  return { history: { ...history, sessions: [...history.sessions, fact] }, expected: unexpected(reason) };
};

/** Deliveries that must not be. */
export const strayMutations: readonly Mutation[] = [
  { name: 'a message of another run comes', flagged: 'unexpected', apply: foreignRun },
  {
    name: 'a message comes with a number that was never given',
    flagged: 'unexpected',
    apply: stray('unknown-message', (_, { arrival }) => ({ ...arrival, sequence: arrival.sequence + 10_000 })),
  },
  {
    name: 'a message comes from a publisher whom nobody knows',
    flagged: 'unexpected',
    apply: stray('unknown-message', ({ history }, { arrival }) => ({
      ...arrival,
      publisher: history.plan.clients.length,
    })),
  },
  {
    name: 'a delivery comes to somebody who does not subscribe',
    flagged: 'unexpected',
    apply: stray('not-subscribed', ({ history }, { arrival }) => {
      const subscriber = history.plan.clients.findIndex(({ subscribes }) => !subscribes.includes(arrival.destination));
      return subscriber < 0 ? undefined : { ...arrival, subscriber, session: 1 };
    }),
  },
  {
    name: 'a delivery comes on a connection that is closed',
    flagged: 'unexpected',
    apply: stray('outside-window', (reading, { arrival }) => {
      const atMicros = closedAt(reading, arrival);
      return atMicros === undefined ? undefined : { ...arrival, atMicros: atMicros + 1, marks: 0 };
    }),
  },
  {
    name: 'a delivery comes before SUBSCRIBE',
    flagged: 'unexpected',
    apply: stray('outside-window', (reading, { arrival }) => {
      const windows = reading.windows(arrival.subscriber, arrival.destination);
      const own = windows.find(({ session }) => session === arrival.session);
      return own && { ...arrival, atMicros: own.subscribeWritten - 1, marks: 0 };
    }),
  },
];
