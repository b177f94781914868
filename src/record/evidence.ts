import type { FaultFact } from './account.js';
import { type Attendance, nodeOf, type Session, type Subscription } from './attendance.js';
import { type Evidence, isGapClose, isLostSoon } from './cause.js';
import { unknownNode } from './history.js';
import { type Interval, touches } from './interval.js';
import { type MessageTable, messageState, type PairColumns, pairFlag, type Stream } from './message-table.js';
import { bridgingWindow, coveringWindow, isCertain, type SettledWindow, type Windows } from './windows.js';

/** Where a message's pairs lie and who they are. */
export interface MessagePairs {
  readonly pairs: PairColumns;
  readonly firstPair: number;
  readonly windows: readonly Windows[];
}

/** Node of the session in which a pair's first arrival came. */
export function arrivalNode(attendance: Attendance, subscription: Subscription, session: number): number {
  return nodeOf(attendance.sessionsOf(subscription.client), session);
}

/** Looks at all pairs of one message; needed only when one of them is missing though it was promised. */
export function gatherEvidence(
  message: Interval & { readonly origin: number } & MessagePairs,
  around: {
    attendance: Attendance;
    nodeCount: number;
    faults: readonly FaultFact[];
    deadlineMicros: number;
  },
): Evidence {
  const { origin, pairs, firstPair, windows, fromMicros, toMicros } = message;
  const { attendance, nodeCount, deadlineMicros } = around;
  const gotOnNode = new Uint8Array(nodeCount);
  const witnessesOnNode = new Uint32Array(nodeCount);
  let [anybody, witnesses] = [false, 0];
  windows.forEach((each, slot) => {
    const pair = firstPair + slot;
    if ((pairs.flags[pair] as number) & pairFlag.arrived) {
      anybody = true;
      const node = arrivalNode(attendance, each.subscription, pairs.session[pair] as number);
      if (node !== unknownNode) gotOnNode[node] = 1;
      return;
    }
    if (!isCertain(each, fromMicros, toMicros)) return;
    const window = coveringWindow(each, fromMicros);
    if (window === undefined || (isLostSoon(window, toMicros, deadlineMicros) && !isGapClose(window))) return;
    witnesses++;
    const node = window.session.node;
    if (node !== unknownNode) witnessesOnNode[node] = (witnessesOnNode[node] as number) + 1;
  });
  const originDied = around.faults.some(
    (fault) =>
      fault.killed &&
      fault.node === origin &&
      origin !== unknownNode &&
      touches(
        { fromMicros, toMicros: toMicros + deadlineMicros },
        { fromMicros: fault.atMicros, toMicros: fault.goneAtMicros ?? fault.atMicros },
      ),
  );
  return { origin, originDied, anybody, gotOnNode, witnessesOnNode, witnesses };
}

/**
 * Whether a later message of the same stream arrived live in the session. A connection loses what comes last: a
 * message that was overtaken on it did not die with it.
 * @param slot of the subscriber
 */
export function wasOvertaken(
  table: MessageTable,
  message: { readonly stream: Stream; readonly row: number },
  slot: number,
  session: Session,
): boolean {
  const { stream } = message;
  const { firstPair, sequence, state, writtenAtMicros } = table.messages();
  const pairs = table.pairs();
  for (let later = sequence[message.row] as number; later < stream.known; later++) {
    // None of them is forgotten: the ledger keeps what came after a message that is missed.
    const row = table.rowAt(stream, later);
    if (row < 0 || ((state[row] as number) & messageState.published) === 0) continue;
    // Nothing that was written after the end can have come before it.
    if ((writtenAtMicros[row] as number) > session.closedAtMicros) return false;
    const pair = (firstPair[row] as number) + slot;
    const isLive = ((pairs.flags[pair] as number) & (pairFlag.arrived | pairFlag.recovered)) === pairFlag.arrived;
    if (isLive && pairs.session[pair] === session.number) return true;
  }
  return false;
}

/**
 * The window that a message was lost in, and whether it may have died with its session. Then the loss is that of the
 * next one, if it promised to bring what its predecessor had not.
 * @param slot of the subscriber
 */
export function answerableWindow(
  { table, deadlineMicros }: { readonly table: MessageTable; readonly deadlineMicros: number },
  message: Interval & { readonly stream: Stream; readonly row: number },
  windows: Windows,
  slot: number,
): { window: SettledWindow | undefined; endsEarly: boolean; isLost: boolean } {
  let window = coveringWindow(windows, message.fromMicros);
  for (;;) {
    if (window === undefined) return { window, endsEarly: false, isLost: false };
    const { session } = window;
    const hasEnded = session.closedAtMicros < Infinity && !session.intended;
    const endsEarly = hasEnded && !wasOvertaken(table, message, slot, session);
    const isLost = endsEarly && isLostSoon(window, message.toMicros, deadlineMicros);
    const next = isLost ? bridgingWindow(windows, window) : undefined;
    if (next === undefined) return { window, endsEarly, isLost };
    window = next;
  }
}
