import { arrivalMark, publishOutcome } from '../../src/record/history.js';
import type { Cause } from '../../src/record/result.js';
import type { ArrivalRow, HistoryRows, PublishRow, SettlementRow } from './history-rows.js';
import { type NaiveWindow, naiveCertain, naiveNode, naiveWindows } from './naive-windows.js';

type Id = Pick<PublishRow, 'publisher' | 'epoch' | 'destination' | 'sequence'>;

export const keyOf = (id: Id): string => `${id.publisher}/${id.epoch}/${id.destination}/${id.sequence}`;
export const isSameStream = (a: Id, b: Id): boolean =>
  a.publisher === b.publisher && a.epoch === b.epoch && a.destination === b.destination;

/** A message that was accepted, from its writing to its receipt, or to its first arrival where there was none. */
export interface Committed {
  readonly publish: PublishRow;
  readonly settlement: SettlementRow | undefined;
  readonly fromMicros: number;
  readonly toMicros: number;
  readonly arrivals: readonly ArrivalRow[];
  readonly subscribers: readonly number[];
}

/** What a history says when it is read by the definitions alone; shares nothing with the ledger. */
export class HistoryReading {
  readonly history: HistoryRows;
  readonly committed: readonly Committed[];
  /** Those with a receipt that everybody got, so that the loss of one arrival is the only one of its message. */
  readonly complete: readonly Committed[];
  readonly #windows = new Map<string, readonly NaiveWindow[]>();

  constructor(history: HistoryRows) {
    this.history = history;
    const settlements = new Map(history.settlements.map((row) => [keyOf(row), row]));
    const arrivals = new Map<string, ArrivalRow[]>();
    for (const arrival of history.arrivals) {
      const key = keyOf(arrival);
      const same = arrivals.get(key);
      if (same === undefined) arrivals.set(key, [arrival]);
      else same.push(arrival);
    }
    this.committed = history.publishes.flatMap((publish): Committed[] => {
      const settlement = settlements.get(keyOf(publish));
      const arrived = arrivals.get(keyOf(publish)) ?? [];
      const isAcked = settlement?.outcome === publishOutcome.acked;
      if (settlement?.outcome === publishOutcome.rejected || (!isAcked && arrived.length === 0)) return [];
      const endMicros = isAcked ? settlement.atMicros : Math.min(...arrived.map(({ atMicros }) => atMicros));
      const subscribers = history.plan.clients.flatMap(({ subscribes }, client) =>
        subscribes.includes(publish.destination) ? [client] : [],
      );
      const fromMicros = publish.writtenAtMicros;
      const toMicros = Math.max(fromMicros, endMicros);
      return [{ publish, settlement, fromMicros, toMicros, arrivals: arrived, subscribers }];
    });
    this.complete = this.committed.filter(({ settlement, arrivals: arrived, subscribers }) => {
      return settlement?.outcome === publishOutcome.acked && arrived.length === subscribers.length;
    });
  }

  windows(client: number, destination: number): readonly NaiveWindow[] {
    const key = `${client}/${destination}`;
    const known = this.#windows.get(key);
    if (known !== undefined) return known;
    const windows = naiveWindows(this.history.sessions, client, destination, this.history.end.nowMicros);
    this.#windows.set(key, windows);
    return windows;
  }

  isExcusedAt(fromMicros: number, toMicros = fromMicros): boolean {
    return this.history.end.excused.some((each) => fromMicros <= each.toMicros && each.fromMicros <= toMicros);
  }

  isExcused({ fromMicros, toMicros }: Committed): boolean {
    return this.isExcusedAt(fromMicros, toMicros);
  }

  isCertain({ publish, fromMicros, toMicros }: Committed, subscriber: number): boolean {
    return naiveCertain(this.windows(subscriber, publish.destination), fromMicros, toMicros);
  }

  isRequired(message: Committed, subscriber: number): boolean {
    return this.isCertain(message, subscriber) && !this.isExcused(message);
  }

  requiredOf(message: Committed): number {
    return message.subscribers.filter((subscriber) => this.isRequired(message, subscriber)).length;
  }

  isLate({ fromMicros }: Committed, { atMicros, marks }: ArrivalRow): boolean {
    return (marks & arrivalMark.recovered) !== 0 || atMicros - fromMicros > this.history.end.deadlineMicros;
  }

  /** The first window of the table of causes whose evidence exists when this arrival of a complete message is missing. */
  causeOfDrop(message: Committed, lost: ArrivalRow): Cause {
    const { fromMicros, toMicros, publish } = message;
    const { sessions, end, arrivals } = this.history;
    const windows = this.windows(lost.subscriber, publish.destination);
    const isLostIn = (window: NaiveWindow): boolean => {
      if (window.intended || window.closedAt > toMicros + end.deadlineMicros) return false;
      return !arrivals.some((each) => isAfter(each, lost) && each.session === window.session && each.marks === 0);
    };
    const covering =
      windows.findLast((each) => each.subscribeWritten <= fromMicros && fromMicros <= each.possibleEnd) ??
      windows.find((each) => each.subscribeWritten > fromMicros && each.confirmed < Infinity);
    let own = covering;
    // A session that promised to bring what its predecessor had not answers for it.
    while (own !== undefined && isLostIn(own)) {
      const next: NaiveWindow | undefined = windows
        .slice(windows.indexOf(own) + 1)
        .find((each) => each.confirmed < Infinity);
      if (next?.recovered !== true) break;
      own = next;
    }
    if (covering === undefined || own === undefined) return 'unexplained';
    // Whose session was lost at the time is no witness against the broker, whoever answers for the message.
    const isLostSoon = !covering.intended && covering.closedAt <= toMicros + end.deadlineMicros;
    const otherwise = isLostIn(own) ? 'in-flight' : 'unexplained';
    const others = message.arrivals.filter((each) => each !== lost);
    const origin = naiveNode(sessions, publish.publisher, publish.epoch);
    if (others.length === 0) {
      const hasDied = end.faults.some(({ node, killed, atMicros }) => {
        return killed && node === origin && fromMicros <= atMicros && atMicros <= toMicros + end.deadlineMicros;
      });
      if (hasDied) return 'origin-died';
      return otherwise === 'unexplained' && own.node !== origin ? 'broker-gap' : otherwise;
    }
    const nodes = others.map((each) => naiveNode(sessions, each.subscriber, each.session));
    if (nodes.includes(own.node)) return otherwise === 'in-flight' ? 'in-flight' : 'never-relayed';
    return isLostSoon ? otherwise : 'broker-gap';
  }
}

function isAfter(each: ArrivalRow, lost: ArrivalRow): boolean {
  return each.subscriber === lost.subscriber && isSameStream(each, lost) && each.sequence > lost.sequence;
}
