import { nodeOf } from './attendance.js';
import { causeOfGap } from './cause.js';
import { arrivalNode } from './evidence.js';
import { causeOfMissing } from './explain.js';
import { publishOutcome, unknownNode } from './history.js';
import { type Interval, touches, widen } from './interval.js';
import {
  forgottenRow,
  type KindOfDuplicate,
  kindsOfDuplicate,
  type MessageTable,
  messageState,
  pairFlag,
  type Stream,
} from './message-table.js';
import { absentCauseOf, isRequired } from './obligation.js';
import { noteMissed } from './outage.js';
import type { Cause } from './result.js';
import type { Committed, SettleRoom } from './settle-room.js';
import { type Tally, tallyAfter } from './tally.js';
import { coveringWindow, settleWindows, type Windows } from './windows.js';

const maxExamples: Readonly<Partial<Record<Cause, number>>> = { unexplained: 100 };

/**
 * Gives every pair its one outcome. Streams are taken in the order of their ids, so batch order leaves no trace.
 * @param forgotten the outcomes of those that are no longer in the table
 */
export function tallyPairs(room: SettleRoom, forgotten: Tally): Tally {
  const tally = tallyAfter(forgotten, room.faults.length);
  const streams = [...room.table.streams].sort(
    (a, b) => a.publisher - b.publisher || a.destination - b.destination || a.epoch - b.epoch,
  );
  const windowsOf = room.plan.destinations.map((_, destination) => windowsAmong(room, destination));
  for (const stream of streams) {
    const windows = windowsOf[stream.destination] as readonly Windows[];
    for (let index = stream.firstKept; index < stream.known; index++) {
      const row = room.table.rowAt(stream, index);
      if (row >= 0) settleMessage(room, tally, stream, row, windows);
    }
  }
  settleDuplicates(room, tally);
  return tally;
}

/**
 * Windows of a destination's subscribers, by slot.
 * @param sinceMicros no message will be asked about that was written before; of any by default
 */
export function windowsAmong(
  room: Pick<SettleRoom, 'attendance' | 'nowMicros'>,
  destination: number,
  sinceMicros = -Infinity,
): Windows[] {
  return room.attendance.subscribersOf(destination).map((each) => {
    const lastSession = room.attendance.sessionsOf(each.client).findLast((session) => session !== undefined);
    return settleWindows(each, lastSession, { nowMicros: room.nowMicros, sinceMicros });
  });
}

/** Gives every pair of one message its outcome. @param windows of the destination's subscribers, by slot */
export function settleMessage(
  room: SettleRoom,
  tally: Tally,
  stream: Stream,
  row: number,
  windows: readonly Windows[],
): void {
  const of = room.table.messages();
  const firstPair = of.firstPair[row] as number;
  const { arrived, firstMicros } = firstArrival(room.table, firstPair, windows.length);
  if (((of.state[row] as number) & messageState.published) === 0) {
    tally.unknownArrivals += arrived;
    return;
  }
  tally.pairs += windows.length;
  const writtenAtMicros = of.writtenAtMicros[row] as number;
  const isWritten = !Number.isNaN(writtenAtMicros);
  if (isWritten) tally.sent++;
  if (!isWritten || of.outcome[row] === publishOutcome.rejected) {
    tally.rejected++;
    tally.absentByCause.rejected += windows.length;
    tally.rejectedArrivals += arrived;
    return;
  }
  const isAcked = of.outcome[row] === publishOutcome.acked;
  if (isAcked) tally.acked++;
  else tally.indeterminate++;
  if (!isAcked && arrived === 0) {
    tally.absentByCause.unacked += windows.length;
    return;
  }
  if (!isAcked) tally.recovered++;
  // Nobody can tell when an unacknowledged message was accepted, but it was when the first subscriber had it.
  const endMicros = isAcked ? (of.settledAtMicros[row] as number) : firstMicros;
  const interval = { fromMicros: writtenAtMicros, toMicros: Math.max(writtenAtMicros, endMicros) };
  const message: Committed = {
    ...interval,
    ...surroundings(room, stream.publisher, interval, isAcked),
    stream,
    row,
    origin: nodeOf(room.attendance.sessionsOf(stream.publisher), stream.epoch),
    firstPair,
    windows,
    evidence: undefined,
  };
  windows.forEach((each, slot) => {
    settlePair(room, tally, message, each, firstPair + slot);
  });
}

/** What went on around a message, as far as clocks can tell: what may have happened in an excused moment is excused. */
function surroundings(
  room: SettleRoom,
  publisher: number,
  interval: Interval,
  isAcked: boolean,
): Pick<Committed, 'doubtMicros' | 'isExcused' | 'faultsTouched'> {
  const doubtMicros = isAcked ? 0 : room.clocks.worstDoubt();
  const seen = widen(interval, Math.max(doubtMicros, room.clocks.doubtOf(publisher)));
  return {
    doubtMicros,
    isExcused: room.excused.some((each) => touches(seen, each)),
    faultsTouched: touchedFaults(room, seen),
  };
}

function firstArrival(table: MessageTable, firstPair: number, slots: number): { arrived: number; firstMicros: number } {
  const { flags, arrivedAtMicros } = table.pairs();
  let [arrived, firstMicros] = [0, Infinity];
  for (let pair = firstPair; pair < firstPair + slots; pair++) {
    if (((flags[pair] as number) & pairFlag.arrived) === 0) continue;
    arrived++;
    firstMicros = Math.min(firstMicros, arrivedAtMicros[pair] as number);
  }
  return { arrived, firstMicros };
}

/** Whether a moment is excused. What goes wrong with an arrival goes wrong when it arrives, whenever it was sent. */
function isExcusedAt(room: SettleRoom, atMicros: number): boolean {
  return room.excused.some(({ fromMicros, toMicros }) => fromMicros <= atMicros && atMicros <= toMicros);
}

/** Gives every arrival after the first of its pair its one outcome. */
function settleDuplicates(room: SettleRoom, tally: Tally): void {
  const { of, rows } = room.table.duplicates();
  const { state, writtenAtMicros, outcome } = room.table.messages();
  for (let i = 0; i < rows; i++) {
    const row = of.row[i] as number;
    // What is forgotten was published and accepted.
    const isForgotten = row === forgottenRow;
    if (!isForgotten && ((state[row] as number) & messageState.published) === 0) tally.unknownArrivals++;
    else if (!isForgotten && (Number.isNaN(writtenAtMicros[row]) || outcome[row] === publishOutcome.rejected)) {
      tally.rejectedArrivals++;
    } else {
      tally.duplicates[kindsOfDuplicate[of.kind[i] as number] as KindOfDuplicate]++;
      if (!isExcusedAt(room, of.atMicros[i] as number)) tally.unexcusedDuplicate++;
    }
  }
}

function touchedFaults(room: SettleRoom, interval: Interval): number[] {
  const touched: number[] = [];
  room.faultWindows.forEach((window, index) => {
    if (touches(interval, window)) touched.push(index);
  });
  return touched;
}

/** How much the message's times may be wrong against the subscriber's. */
function doubtOf({ clocks }: SettleRoom, message: Committed, { subscription }: Windows): number {
  return Math.max(message.doubtMicros, clocks.doubtBetween(message.stream.publisher, subscription.client));
}

function settlePair(room: SettleRoom, tally: Tally, message: Committed, windows: Windows, pair: number): void {
  const { flags: allFlags, arrivedAtMicros, session } = room.table.pairs();
  const flags = allFlags[pair] as number;
  const doubtMicros = doubtOf(room, message, windows);
  const required = isRequired(widen(message, doubtMicros), windows, message.isExcused);
  if (required) tally.required++;
  if ((flags & pairFlag.arrived) === 0) {
    settleAbsence(room, tally, message, windows, pair, required);
    return;
  }
  // Counted from the write: a send that had to wait for its publisher's reconnection is not a late delivery.
  const isOverdue = (arrivedAtMicros[pair] as number) - message.fromMicros > room.deadlineMicros + doubtMicros;
  if (isOverdue || flags & pairFlag.recovered) tally.late++;
  else tally.once++;
  if (flags & pairFlag.reordered) {
    tally.reordered++;
    if (!isExcusedAt(room, arrivedAtMicros[pair] as number)) tally.unexcusedReordered++;
  }
  if (!required) return;
  const node = arrivalNode(room.attendance, windows.subscription, session[pair] as number);
  if (tally.reach.require(message.origin, node, true)) tally.reachRequired++;
}

function settleAbsence(
  room: SettleRoom,
  tally: Tally,
  message: Committed,
  windows: Windows,
  pair: number,
  required: boolean,
): void {
  const seen = widen(message, doubtOf(room, message, windows));
  const absentCause = required ? undefined : absentCauseOf(seen, windows);
  if (absentCause !== undefined) {
    tally.absentByCause[absentCause]++;
    return;
  }
  const gapCause = required ? undefined : causeOfGap(windows, seen);
  const { cause, isInferred } = gapCause ?? causeOfMissing(room, message, windows, pair);
  tally.missingByCause[cause] = (tally.missingByCause[cause] ?? 0) + 1;
  if (isInferred) tally.inferredByCause[cause] = (tally.inferredByCause[cause] ?? 0) + 1;
  if (!message.isExcused) tally.unexcusedMissing++;
  for (const index of message.faultsTouched) tally.missingByFault[index] = (tally.missingByFault[index] ?? 0) + 1;
  noteExample(room, tally, message, windows, { cause, isInferred, required });
  const { origin, stream } = message;
  const sequence = room.table.messages().sequence[message.row] as number;
  const { subscription } = windows;
  room.onMissing?.({ stream, sequence, origin, subscription, cause, isRequired: required });
  if (gapCause !== undefined) noteMissed(room.outages, subscription.client, message.toMicros);
  if (!required) return;
  tally.requiredMissing++;
  const node = coveringWindow(windows, message.fromMicros)?.session.node ?? unknownNode;
  if (tally.reach.require(origin, node, false)) tally.reachRequired++;
}

function noteExample(
  room: SettleRoom,
  tally: Tally,
  message: Committed,
  windows: Windows,
  { cause, isInferred, required }: { cause: Cause; isInferred: boolean; required: boolean },
): void {
  if ((tally.missingByCause[cause] as number) > (maxExamples[cause] ?? 20)) return;
  tally.examples.push({
    cause,
    inferred: isInferred,
    required,
    publisher: message.stream.publisher,
    subscriber: windows.subscription.client,
    destination: message.stream.destination,
    epoch: message.stream.epoch,
    sequence: room.table.messages().sequence[message.row] as number,
    atMicros: message.fromMicros,
  });
}
