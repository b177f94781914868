import type { Random } from '../../src/core/random.js';
import { arrivalMark, type SessionFact } from '../../src/record/history.js';
import { HistoryReading } from './history-reading.js';
import { type Mutated, type Mutation, missingPair, together } from './mutation.js';
import { type Pair, pairs, pick, plus, uncounted, unexpected, without } from './mutation-parts.js';

/** The last thing that a subscriber must get is lost with its connection, whose last byte came so long after the receipt. */
function lossAtTheEnd(lastByteAfterMicros: number): Mutation['apply'] {
  return (reading, random) => {
    const found = pick(
      random,
      pairs(reading, (pair) => isLastOfLife(reading, pair)),
    );
    if (found === undefined) return undefined;
    const { message, arrival } = found;
    const last = reading.history.arrivals.filter((each) => each !== arrival && each.subscriber === arrival.subscriber);
    const atMicros = Math.max(message.toMicros, ...last.map((each) => each.atMicros)) + 1;
    const lost = {
      atMicros,
      lastByteAtMicros: message.toMicros + lastByteAfterMicros,
      closeCode: 1006,
      intended: false,
    };
    const sessions = reading.history.sessions.map((fact) => {
      const isIt =
        fact.type === 'session-closed' && fact.client === arrival.subscriber && fact.session === arrival.session;
      return isIt ? { ...fact, ...lost } : fact;
    });
    const history = { ...without(reading.history, arrival), sessions };
    const changed = new HistoryReading({ ...reading.history, sessions });
    const isInside = lastByteAfterMicros >= 0;
    const cause = isInside ? changed.causeOfDrop(message, arrival) : 'in-flight';
    const missing = missingPair(cause, { isRequired: isInside, isExcused: false });
    const required = { required: isInside ? 0 : -1 };
    return { history, expected: together(uncounted(reading, message, [arrival]), missing, required) };
  };
}

/** Whether nothing that the subscriber hears was under way later, and it came in its last session. */
function isLastOfLife(reading: HistoryReading, { message, arrival }: Pair): boolean {
  const { subscriber, session, destination } = arrival;
  const window = reading.windows(subscriber, destination).at(-1);
  if (window?.session !== session || window.confirmed >= message.fromMicros || !window.intended) return false;
  if (!reading.isRequired(message, subscriber) || reading.isLate(message, arrival)) return false;
  const heard = reading.committed.filter(({ subscribers }) => subscribers.includes(subscriber));
  return heard.every((each) => each === message || each.toMicros < message.toMicros);
}

/** The subscriber leaves after everything has come, and then something comes once more. */
function afterUnsubscribe(reading: HistoryReading, random: Random): Mutated | undefined {
  const { history } = reading;
  const found = pick(
    random,
    pairs(
      reading,
      ({ arrival }) => reading.windows(arrival.subscriber, arrival.destination).at(-1)?.session === arrival.session,
    ),
  );
  if (found === undefined) return undefined;
  const { subscriber: client, session, destination } = found.arrival;
  const heard = reading.committed.filter(({ publish }) => publish.destination === destination);
  const ends = heard.flatMap(({ toMicros, arrivals }) => [toMicros, ...arrivals.map(({ atMicros }) => atMicros)]);
  const leavesAtMicros = Math.max(...ends) + 1;
  const who = { client, session, destination };
  const hasLeft = history.sessions.find((fact) => fact.type === 'unsubscribe-confirmed' && isFactOf(fact, who));
  const close = history.sessions.findIndex(
    (fact) => fact.type === 'session-closed' && fact.client === client && fact.session === session,
  );
  const closedAtMicros = history.sessions[close]?.atMicros ?? Infinity;
  const atMicros = (hasLeft?.atMicros ?? leavesAtMicros + 1) + 1;
  if (close < 0 || atMicros >= closedAtMicros) return undefined;
  const goodbye: SessionFact[] = [
    { type: 'unsubscribe-written', ...who, atMicros: leavesAtMicros },
    { type: 'unsubscribe-confirmed', ...who, atMicros: leavesAtMicros + 1 },
  ];
  const sessions = hasLeft === undefined ? history.sessions.toSpliced(close, 0, ...goodbye) : history.sessions;
  return {
    history: plus({ ...history, sessions }, { ...found.arrival, atMicros, marks: 0 }),
    expected: unexpected('outside-window'),
  };
}

function isFactOf(fact: SessionFact, who: { client: number; session: number; destination: number }): boolean {
  return (
    'destination' in fact &&
    fact.client === who.client &&
    fact.session === who.session &&
    fact.destination === who.destination
  );
}

/** The server takes back its word that it replayed everything, and one message of the outage was not replayed. */
function recoveryDenied(reading: HistoryReading, random: Random): Mutated | undefined {
  const found = pick(
    random,
    pairs(reading, ({ message, arrival }) => {
      const windows = reading.windows(arrival.subscriber, arrival.destination);
      const { fromMicros, toMicros } = message;
      const isAway = !windows.some((each) => fromMicros <= each.possibleEnd && each.subscribeWritten <= toMicros);
      return arrival.marks === arrivalMark.recovered && isAway && reading.isRequired(message, arrival.subscriber);
    }),
  );
  if (found === undefined) return undefined;
  const { message, arrival } = found;
  const sessions = reading.history.sessions.map((fact) => {
    return fact.type === 'subscription-confirmed' &&
      fact.session === arrival.session &&
      isFactOf(fact, { ...arrival, client: arrival.subscriber })
      ? { ...fact, recovered: false }
      : fact;
  });
  const changed = new HistoryReading({ ...reading.history, sessions });
  const promised = (of: HistoryReading): number =>
    of.committed.filter(
      (each) =>
        each.subscribers.includes(arrival.subscriber) &&
        each.publish.destination === arrival.destination &&
        of.isRequired(each, arrival.subscriber),
    ).length;
  const missing = missingPair('not-subscribed', { isRequired: false, isExcused: reading.isExcused(message) });
  const required = { required: promised(changed) - promised(reading) };
  return {
    history: { ...without(reading.history, arrival), sessions },
    expected: together(uncounted(reading, message, [arrival]), missing, required),
  };
}

/** What may happen at the edges of a session or subscription. */
export const windowMutations: readonly Mutation[] = [
  { name: 'the last delivery is lost just inside a window', flagged: 'missing', apply: lossAtTheEnd(0) },
  { name: 'the last delivery is lost across the edge of a window', flagged: 'missing', apply: lossAtTheEnd(-1) },
  { name: 'a delivery comes after the receipt of UNSUBSCRIBE', flagged: 'unexpected', apply: afterUnsubscribe },
  { name: 'a recovery is denied and a message not replayed', flagged: 'missing', apply: recoveryDenied },
];
