import { addRows, createColumns, takeColumns } from './column.js';
import type { FactBatch, PublishOutcome, SessionFact } from './history.js';

/**
 * Where a worker's clients write down what they see. Calls never fail and never wait; a recorded arrival costs some
 * tens of nanoseconds and no allocation. One recorder serves all clients of a worker: an idle client costs nothing.
 *
 * All times lose their fraction of a microsecond, downwards, so that their order stays and a line of the events holds
 * whole numbers: half the text.
 */
export interface Recorder {
  /** Session facts of one client must be recorded in the order in which they happened. */
  session(fact: SessionFact): void;
  /**
   * A message of the load fell due and was handed to the socket, or given up.
   * @param writtenAtMicros NaN when it never was handed to a socket
   * @param held whether it fell due while the publisher had no connection
   */
  published(
    publisher: number,
    epoch: number,
    destination: number,
    sequence: number,
    intendedAtMicros: number,
    writtenAtMicros: number,
    held: boolean,
  ): void;
  /** The publish came to its end. Without this a publish is indeterminate. */
  settled(
    publisher: number,
    epoch: number,
    destination: number,
    sequence: number,
    outcome: PublishOutcome,
    atMicros: number,
  ): void;
  /**
   * An intact load message of this run came on a subscription to its own destination.
   * @param session of the subscriber
   * @param marks bits of `arrivalMark`
   */
  arrived(
    subscriber: number,
    session: number,
    publisher: number,
    epoch: number,
    destination: number,
    sequence: number,
    atMicros: number,
    marks: number,
  ): void;
  /** Everything since the last call, in arrays of exact length; the recorder starts anew. */
  take(): FactBatch;
}

/** Half a minute of a worker at its very limit. More than that unread means that nobody collects any more. */
const maxRows = 1 << 23;

const messageKinds = { publisher: 'uint32', epoch: 'uint32', destination: 'uint32', sequence: 'uint32' } as const;

function createPublished(): { record: Recorder['published']; take: () => FactBatch['publishes'] } {
  const columns = createColumns(
    {
      ...messageKinds,
      intendedAtMicros: 'float64',
      writtenAtMicros: 'float64',
      held: 'uint8',
    },
    maxRows,
  );
  return {
    record(publisher, epoch, destination, sequence, intendedAtMicros, writtenAtMicros, held) {
      const row = addRows(columns, columns.of.publisher.length, 1);
      const of = columns.of;
      of.publisher[row] = publisher;
      of.epoch[row] = epoch;
      of.destination[row] = destination;
      of.sequence[row] = sequence;
      of.intendedAtMicros[row] = Math.floor(intendedAtMicros);
      of.writtenAtMicros[row] = Math.floor(writtenAtMicros);
      of.held[row] = held ? 1 : 0;
    },
    take: () => takeColumns(columns),
  };
}

function createSettled(): { record: Recorder['settled']; take: () => FactBatch['settlements'] } {
  const columns = createColumns({ ...messageKinds, outcome: 'uint8', atMicros: 'float64' }, maxRows);
  return {
    record(publisher, epoch, destination, sequence, outcome, atMicros) {
      const row = addRows(columns, columns.of.publisher.length, 1);
      const of = columns.of;
      of.publisher[row] = publisher;
      of.epoch[row] = epoch;
      of.destination[row] = destination;
      of.sequence[row] = sequence;
      of.outcome[row] = outcome;
      of.atMicros[row] = Math.floor(atMicros);
    },
    take: () => takeColumns(columns),
  };
}

function createArrived(): { record: Recorder['arrived']; take: () => FactBatch['arrivals'] } {
  const columns = createColumns(
    {
      subscriber: 'uint32',
      session: 'uint32',
      ...messageKinds,
      atMicros: 'float64',
      marks: 'uint8',
    },
    maxRows,
  );
  return {
    record(subscriber, session, publisher, epoch, destination, sequence, atMicros, marks) {
      const row = addRows(columns, columns.of.publisher.length, 1);
      const of = columns.of;
      of.subscriber[row] = subscriber;
      of.session[row] = session;
      of.publisher[row] = publisher;
      of.epoch[row] = epoch;
      of.destination[row] = destination;
      of.sequence[row] = sequence;
      of.atMicros[row] = Math.floor(atMicros);
      of.marks[row] = marks;
    },
    take: () => takeColumns(columns),
  };
}

function inWholeMicros(fact: SessionFact): SessionFact {
  const atMicros = Math.floor(fact.atMicros);
  if (fact.type === 'subscription-silent') return { ...fact, atMicros, sinceMicros: Math.floor(fact.sinceMicros) };
  if (fact.type !== 'session-closed') return { ...fact, atMicros };
  return { ...fact, atMicros, lastByteAtMicros: Math.floor(fact.lastByteAtMicros) };
}

/** A recorder with nothing in it. It holds what its clients saw until `take`, at most 8,388,608 rows of each kind. */
export function createRecorder(): Recorder {
  let sessions: SessionFact[] = [];
  const published = createPublished();
  const settled = createSettled();
  const arrived = createArrived();
  return {
    session: (fact) => {
      sessions.push(inWholeMicros(fact));
    },
    published: published.record,
    settled: settled.record,
    arrived: arrived.record,
    take() {
      const taken = sessions;
      sessions = [];
      return { sessions: taken, publishes: published.take(), settlements: settled.take(), arrivals: arrived.take() };
    },
  };
}
