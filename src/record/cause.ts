import { unknownNode } from './history.js';
import { type Interval, touches } from './interval.js';
import type { Cause } from './result.js';
import { isCertain, type SettledWindow, type Windows } from './windows.js';

/** What is known of a message beyond the one pair that is missing. Node numbers index the two columns. */
export interface Evidence {
  readonly origin: number;
  /** Whether the origin died between writing and the deadline after the receipt. */
  readonly originDied: boolean;
  /** Whether any subscriber anywhere got it. */
  readonly anybody: boolean;
  /** Whether a subscriber on the node got it. */
  readonly gotOnNode: Uint8Array;
  /** Subscribers that did not get it though they had to and their session lived on: the witnesses of a gap. */
  readonly witnessesOnNode: Uint32Array;
  readonly witnesses: number;
}

/** Policy violation, try again later (RFC 6455 and IANA registry), and the code that SockJS servers use for slowness. */
const slowCloseCodes: readonly number[] = [1008, 1013, 4500];

/** Whether the server closed the session for lag. */
export function isSlowClose(window: SettledWindow): boolean {
  return !window.session.intended && slowCloseCodes.includes(window.session.closeCode);
}

/** Whether the server closed the session because its broker lost messages of it, which our nodes say with 4501. */
export function isGapClose(window: SettledWindow): boolean {
  return !window.session.intended && window.session.closeCode === 4501;
}

/**
 * Whether the session was lost so soon after the message that the message may have died in its socket. A session that
 * the client closed on purpose was alive until then.
 */
export function isLostSoon(window: SettledWindow, toMicros: number, deadlineMicros: number): boolean {
  const { closedAtMicros, intended } = window.session;
  return !intended && closedAtMicros <= toMicros + deadlineMicros;
}

/**
 * The cause of a missing delivery that the subscriber's windows called for: the first whose evidence clients can see.
 *
 * @param end whether the message may have died with the session: lost right after, closed for lag; neither when a
 *   later message was still received in it
 *
 * The order is that of the table of causes, with three refinements. A node whose every subscriber was lost right
 * after proves nothing about the broker, so `broker-gap` wants a witness on that node that lived on. A message that
 * was acknowledged and reached nobody is a `broker-gap` when it had to cross to another node, or when two witnesses
 * agree; a single subscriber on the origin itself proves neither and stays `unexplained`. Without knowing the
 * subscriber's node nothing can be said about its neighbours. A session that the server ended to tell of a gap is as
 * good a witness as one that lived on: whatever was written to it came before the end.
 */
export function causeOfLoss(
  window: SettledWindow,
  end: { readonly isLost: boolean; readonly isSlow: boolean },
  evidence: Evidence,
): Cause {
  const { isLost, isSlow } = end;
  if (isSlow) return 'slow-consumer';
  const node = window.session.node;
  if (!evidence.anybody) {
    if (evidence.originDied) return 'origin-died';
    const hasToCross = node !== unknownNode && evidence.origin !== unknownNode && node !== evidence.origin;
    if (evidence.witnesses >= 2 || (hasToCross && (!isLost || isGapClose(window)))) return 'broker-gap';
    return isLost ? 'in-flight' : 'unexplained';
  }
  if (node === unknownNode) return isLost ? 'in-flight' : 'unexplained';
  if (evidence.gotOnNode[node]) return isLost ? 'in-flight' : 'never-relayed';
  return (evidence.witnessesOnNode[node] ?? 0) > 0 ? 'broker-gap' : isLost ? 'in-flight' : 'unexplained';
}

/**
 * The cause of a missing delivery that nobody promised but a user felt: the message was committed while the
 * subscriber was between two sessions, or at the edge of one. undefined when no edge explains it: then the
 * subscriber was certainly there (the contract excuses the moment) and `causeOfLoss` decides.
 */
export function causeOfGap(windows: Windows, message: Interval): Cause | undefined {
  if (isCertain(windows, message.fromMicros, message.toMicros)) return undefined;
  const touched = windows.each.filter((each) =>
    touches(message, { fromMicros: each.writtenAtMicros, toMicros: each.possibleEndMicros }),
  );
  if (touched.length === 0) return 'not-subscribed';
  for (const each of touched) {
    const raceEndMicros = Math.min(each.confirmedAtMicros, each.possibleEndMicros);
    if (touches(message, { fromMicros: each.writtenAtMicros, toMicros: raceEndMicros })) return 'subscription-race';
  }
  return touched.some(isSlowClose) ? 'slow-consumer' : 'in-flight';
}
