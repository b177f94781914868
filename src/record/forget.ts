import type { Attendance, Session, Subscription } from './attendance.js';
import { publishOutcome } from './history.js';
import { messageState, pairFlag, type Stream } from './message-table.js';
import { settleMessage, windowsAmong } from './settle.js';
import type { SettleRoom } from './settle-room.js';
import type { Tally } from './tally.js';

/** What is older than this and still in doubt stays so: the windows of all that time would have to be looked at anew. */
const rememberedMicros = 120_000_000;
/** How much later something must have arrived in a session before what it received until then is beyond doubt. */
const marginMicros = 1_000_000;

/**
 * Settles for good every message about which nothing can change any more: acknowledged, received by all its
 * subscribers, and so long ago that their windows of that time are known to both ends.
 *
 * What comes after a message that is missed in a stream is left: it is evidence of what became of that one.
 * @param tally takes the outcomes
 * @param beforeMicros faults that begin or end before this are known
 * @returns by row, 1 for those that are settled
 */
export function settleForGood(room: SettleRoom, tally: Tally, beforeMicros: number): Uint8Array {
  const isSettled = new Uint8Array(room.table.rows());
  const horizon = { sinceMicros: beforeMicros - rememberedMicros, beforeMicros };
  const around = room.plan.destinations.map((_, destination) => ({
    windows: windowsAmong(room, destination, horizon.sinceMicros),
    subscribers: room.attendance.subscribersOf(destination).map((each) => knownOf(room, each, beforeMicros)),
  }));
  for (const stream of room.table.streams) {
    const { windows, subscribers } = around[stream.destination] as (typeof around)[number];
    for (let index = stream.firstKept; index < stream.known; index++) {
      const row = room.table.rowAt(stream, index);
      if (row === -1 || (row >= 0 && !isComplete(room, row, stream.slots))) break;
      if (row < 0 || !isBeyondDoubt(room, { stream, row }, subscribers, horizon)) continue;
      settleMessage(room, tally, stream, row, windows);
      isSettled[row] = 1;
    }
  }
  return isSettled;
}

/** Whether the message was accepted and every subscriber got it. */
function isComplete({ table }: SettleRoom, row: number, slots: number): boolean {
  const of = table.messages();
  if (((of.state[row] as number) & messageState.published) === 0) return false;
  if (Number.isNaN(of.writtenAtMicros[row]) || of.outcome[row] !== publishOutcome.acked) return false;
  const { flags } = table.pairs();
  const firstPair = of.firstPair[row] as number;
  for (let pair = firstPair; pair < firstPair + slots; pair++) {
    if (((flags[pair] as number) & pairFlag.arrived) === 0) return false;
  }
  return true;
}

/** @param subscribers by slot */
function isBeyondDoubt(
  { table, attendance }: SettleRoom,
  { stream, row }: { readonly stream: Stream; readonly row: number },
  subscribers: readonly Known[],
  { sinceMicros, beforeMicros }: { readonly sinceMicros: number; readonly beforeMicros: number },
): boolean {
  const of = table.messages();
  const { arrivedAtMicros, session } = table.pairs();
  const writtenAtMicros = of.writtenAtMicros[row] as number;
  const toMicros = Math.max(writtenAtMicros, of.settledAtMicros[row] as number);
  if (writtenAtMicros < sinceMicros || toMicros >= beforeMicros) return false;
  if (!isReported(attendance, stream.publisher, stream.epoch)) return false;
  const firstPair = of.firstPair[row] as number;
  for (let slot = 0; slot < subscribers.length; slot++) {
    const known = subscribers[slot] as Known;
    const pair = firstPair + slot;
    if (toMicros > known.untilMicros || (arrivedAtMicros[pair] as number) >= beforeMicros) return false;
    const number = session[pair] as number;
    if (number !== known.session && !isReported(attendance, known.client, number)) return false;
  }
  return true;
}

/** Whether it is known where that session was. */
function isReported(attendance: Attendance, client: number, session: number): boolean {
  return (attendance.sessionsOf(client)[session]?.openedAtMicros ?? Infinity) < Infinity;
}

/** What is known for good of a subscriber. */
interface Known {
  readonly client: number;
  /** Until when it is known whether it was certainly there. */
  readonly untilMicros: number;
  /** The session in which it was then, whose place is known; -1 without one. */
  readonly session: number;
}

/**
 * Windows that were confirmed only lately do not count yet: their RECEIPT may still be followed by what changes them.
 */
function knownOf({ attendance }: SettleRoom, { client, windows }: Subscription, beforeMicros: number): Known {
  const newest = windows.findLast(({ confirmedAtMicros }) => confirmedAtMicros < beforeMicros);
  if (newest === undefined) return { client, untilMicros: -Infinity, session: -1 };
  const { number } = newest.session;
  return {
    client,
    untilMicros: Math.min(newest.unsubscribeWrittenAtMicros, heardUntilMicros(newest.session)),
    session: isReported(attendance, client, number) ? number : -1,
  };
}

function heardUntilMicros({ closedAtMicros, lastByteAtMicros, lastArrivalAtMicros }: Session): number {
  return closedAtMicros < Infinity ? lastByteAtMicros : lastArrivalAtMicros - marginMicros;
}
