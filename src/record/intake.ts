import { AppError } from '../core/errors.js';
import { type Attendance, type Session, type Subscription, windowAt } from './attendance.js';
import {
  type ArrivalColumns,
  arrivalMark,
  type Column,
  type FactBatch,
  type PublishColumns,
  publishOutcome,
  type SettlementColumns,
} from './history.js';
import {
  forgottenRow,
  type KindOfDuplicate,
  MessageTable,
  messageState,
  type ProgressColumns,
  pairFlag,
  requireRow,
  type Stream,
} from './message-table.js';

/** Why an arrival is none that the plan knows. The first that applies, in this order. */
export const unexpectedReasons = [
  'foreign-run',
  'corrupt',
  'wrong-destination',
  'no-stamp',
  'not-subscribed',
  'outside-window',
  'unknown-message',
  'rejected-message',
] as const;
export type UnexpectedReason = (typeof unexpectedReasons)[number];

/** A written message and its first arrival at a subscriber. */
export interface FirstArrival {
  readonly publisher: number;
  readonly subscriber: number;
  readonly intendedAtMicros: number;
  readonly writtenAtMicros: number;
  readonly arrivedAtMicros: number;
  readonly isRecovered: boolean;
}

/** Latencies of first arrivals and publishes, as they become known. */
export interface IntakeListener {
  /** A written message arrived at a subscriber for the first time; called once both sides are known. */
  delivered(first: FirstArrival): void;
  /** A message was written; not called for held ones, whose slip is the system's. */
  written(slipMicros: number): void;
}

/** Facts brought into order: everything that can be said of an arrival without knowing how its message ended. */
export interface Intake {
  readonly table: MessageTable;
  /** Messages that were handed to a socket. */
  written(): number;
  /** All arrivals, unexpected ones included. */
  arrivals(): number;
  /** First arrivals of planned pairs. */
  firsts(): number;
  duplicates(): number;
  /** When the latest fact so far happened; -Infinity before the first. */
  latestMicros(): number;
  /** Arrivals that were refused on sight. */
  readonly refused: Record<UnexpectedReason, number>;
  add(batch: FactBatch): void;
}

/** An intake that joins arrivals with `attendance`; batches of different workers may come in any order. */
export function createIntake(
  attendance: Attendance,
  size: { publishers: number; subscribers: readonly number[] },
  listener: IntakeListener,
): Intake {
  const table = new MessageTable(size);
  const refused = Object.fromEntries(unexpectedReasons.map((reason) => [reason, 0])) as Record<
    UnexpectedReason,
    number
  >;
  const counters = { written: 0, arrivals: 0, firsts: 0, duplicates: 0, latestMicros: -Infinity };
  return {
    table,
    refused,
    written: () => counters.written,
    arrivals: () => counters.arrivals,
    firsts: () => counters.firsts,
    duplicates: () => counters.duplicates,
    latestMicros: () => counters.latestMicros,
    add({ sessions, publishes, settlements, arrivals }) {
      for (const fact of sessions) {
        attendance.apply(fact);
        if (fact.atMicros > counters.latestMicros) counters.latestMicros = fact.atMicros;
        if (fact.type !== 'unexpected-arrived') continue;
        counters.arrivals++;
        refused[fact.reason]++;
      }
      counters.written += addPublishes({ table, attendance, listener }, publishes);
      addSettlements(table, settlements);
      for (const { atMicros } of [settlements, arrivals])
        counters.latestMicros = latestOf(atMicros, counters.latestMicros);
      counters.latestMicros = latestOf(publishes.writtenAtMicros, counters.latestMicros);
      addArrivals({ table, attendance, refused, counters, listener }, arrivals);
    },
  };
}

function latestOf(times: Column, before: number): number {
  let latest = before;
  for (let i = 0; i < times.length; i++) {
    const atMicros = times[i] as number;
    // NaN, of a message that was never written, is later than nothing.
    if (atMicros > latest) latest = atMicros;
  }
  return latest;
}

function publishedStream(table: MessageTable, publisher: number, epoch: number, destination: number): Stream {
  const stream = table.streamOf(publisher, epoch, destination);
  if (stream !== undefined) return stream;
  throw new AppError('internal', `The plan knows no publisher ${publisher}/${epoch} to destination ${destination}.`);
}

function addPublishes(
  { table, attendance, listener }: Pick<ArrivalRoom, 'table' | 'attendance' | 'listener'>,
  publishes: PublishColumns,
): number {
  let written = 0;
  for (let i = 0; i < publishes.publisher.length; i++) {
    const [publisher, epoch] = [publishes.publisher[i] as number, publishes.epoch[i] as number];
    const stream = publishedStream(table, publisher, epoch, publishes.destination[i] as number);
    const row = requireRow(table.rowOf(stream, publishes.sequence[i] as number));
    const of = table.messages();
    if (row === forgottenRow || (of.state[row] as number) & messageState.published) {
      throw new AppError('accounting', `Message ${publisher}/${epoch}/${publishes.sequence[i]} was published twice.`);
    }
    const intendedAtMicros = publishes.intendedAtMicros[i] as number;
    // NaN is null in JSON, and a typed array would turn null into 0.
    const writtenAtMicros = publishes.writtenAtMicros[i] ?? Number.NaN;
    const isHeld = publishes.held[i] === 1;
    of.state[row] = messageState.published | (isHeld ? messageState.held : 0);
    of.intendedAtMicros[row] = intendedAtMicros;
    of.writtenAtMicros[row] = writtenAtMicros;
    if (Number.isNaN(writtenAtMicros)) continue;
    written++;
    if (!isHeld) listener.written(writtenAtMicros - intendedAtMicros);
    const [pairs, first] = [table.pairs(), of.firstPair[row] as number];
    // Arrivals of another worker may have come before this row.
    attendance.subscribersOf(stream.destination).forEach(({ client: subscriber }, slot) => {
      const flags = pairs.flags[first + slot] as number;
      if ((flags & pairFlag.arrived) === 0) return;
      const isRecovered = (flags & pairFlag.recovered) !== 0;
      const arrivedAtMicros = pairs.arrivedAtMicros[first + slot] as number;
      const times = { intendedAtMicros, writtenAtMicros, arrivedAtMicros };
      listener.delivered({ publisher, subscriber, ...times, isRecovered });
    });
  }
  return written;
}

function addSettlements(table: MessageTable, settlements: SettlementColumns): void {
  for (let i = 0; i < settlements.publisher.length; i++) {
    const [publisher, epoch] = [settlements.publisher[i] as number, settlements.epoch[i] as number];
    const stream = publishedStream(table, publisher, epoch, settlements.destination[i] as number);
    const row = requireRow(table.rowOf(stream, settlements.sequence[i] as number));
    // Only what was acknowledged is forgotten.
    if (row === forgottenRow) continue;
    const of = table.messages();
    const before = of.outcome[row] as number;
    // A RECEIPT may come after the publisher gave up waiting; the first definite word stands.
    if (before === publishOutcome.acked || before === publishOutcome.rejected) continue;
    of.outcome[row] = settlements.outcome[i] as number;
    of.settledAtMicros[row] = settlements.atMicros[i] as number;
  }
}

interface ArrivalRoom {
  readonly table: MessageTable;
  readonly attendance: Attendance;
  readonly refused: Record<UnexpectedReason, number>;
  readonly counters: { arrivals: number; firsts: number; duplicates: number };
  readonly listener: IntakeListener;
}

function addArrivals(room: ArrivalRoom, arrivals: ArrivalColumns): void {
  const { table, attendance, refused, counters } = room;
  const count = arrivals.subscriber.length;
  counters.arrivals += count;
  for (let i = 0; i < count; i++) {
    const destination = arrivals.destination[i] as number;
    const subscription = attendance.find(arrivals.subscriber[i] as number, destination);
    if (subscription === undefined) {
      refused['not-subscribed']++;
      continue;
    }
    const [number, marks] = [arrivals.session[i] as number, arrivals.marks[i] as number];
    const atMicros = arrivals.atMicros[i] as number;
    const window = windowAt(subscription, number, atMicros);
    if ((marks & arrivalMark.recovered) === 0 && window === undefined) {
      refused['outside-window']++;
      continue;
    }
    const [sequence, epoch] = [arrivals.sequence[i] as number, arrivals.epoch[i] as number];
    const stream = table.streamOf(arrivals.publisher[i] as number, epoch, destination);
    const row = stream === undefined ? -1 : table.rowOf(stream, sequence);
    if (stream === undefined || row === -1) {
      refused['unknown-message']++;
      continue;
    }
    const session = window?.session ?? attendance.sessionsOf(subscription.client)[number];
    if (session !== undefined && atMicros >= session.openedAtMicros) noteTime(session, atMicros, marks);
    noteArrival(room, { stream, sequence, row, subscription, session: number, atMicros, marks });
  }
}

function noteTime(session: Session, atMicros: number, marks: number): void {
  if (atMicros < session.firstArrivalAtMicros) session.firstArrivalAtMicros = atMicros;
  // What had waited does not say that the session was alive until then.
  if ((marks & arrivalMark.waited) !== 0) return;
  if (atMicros > session.lastArrivalAtMicros) session.lastArrivalAtMicros = atMicros;
}

interface Arrival {
  readonly stream: Stream;
  readonly sequence: number;
  readonly row: number;
  readonly subscription: Subscription;
  readonly session: number;
  readonly atMicros: number;
  readonly marks: number;
}

function noteArrival({ table, counters, listener }: ArrivalRoom, arrival: Arrival): void {
  const { stream, sequence, row, subscription, session, atMicros, marks } = arrival;
  const { slot, client: subscriber } = subscription;
  if (row === forgottenRow) {
    counters.duplicates++;
    table.noteDuplicate(row, kindOf(arrival, table.sessionOfForgotten(stream, sequence, slot)), atMicros);
    return;
  }
  const [messages, pairs] = [table.messages(), table.pairs()];
  const pair = (messages.firstPair[row] as number) + slot;
  const flags = pairs.flags[pair] as number;
  if (flags & pairFlag.arrived) {
    counters.duplicates++;
    table.noteDuplicate(row, kindOf(arrival, pairs.session[pair] as number), atMicros);
    return;
  }
  counters.firsts++;
  const isRecovered = (marks & arrivalMark.recovered) !== 0;
  const isReordered = !isRecovered && isBelowHighest(table.progress(), stream.firstProgress + slot, session, sequence);
  pairs.flags[pair] =
    flags | pairFlag.arrived | (isRecovered ? pairFlag.recovered : 0) | (isReordered ? pairFlag.reordered : 0);
  pairs.session[pair] = session;
  pairs.arrivedAtMicros[pair] = atMicros;
  if (((messages.state[row] as number) & messageState.published) === 0) return;
  const writtenAtMicros = messages.writtenAtMicros[row] as number;
  if (Number.isNaN(writtenAtMicros)) return;
  const intendedAtMicros = messages.intendedAtMicros[row] as number;
  const times = { intendedAtMicros, writtenAtMicros, arrivedAtMicros: atMicros };
  listener.delivered({ publisher: stream.publisher, subscriber, ...times, isRecovered });
}

function kindOf({ marks, session }: Arrival, firstSession: number): KindOfDuplicate {
  if (marks & arrivalMark.redelivered) return 'redelivered';
  return session === firstSession ? 'sameSession' : 'acrossSessions';
}

/**
 * Whether a higher sequence of the stream came before, live and in the same session; moves the maximum otherwise.
 * A replay may run beside live messages and a new session may start anywhere, so neither is judged against the other.
 */
function isBelowHighest(of: ProgressColumns, row: number, session: number, sequence: number): boolean {
  if (of.session[row] === session && sequence < (of.sequence[row] as number)) return true;
  of.session[row] = session;
  of.sequence[row] = sequence;
  return false;
}
