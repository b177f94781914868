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

/** What SockJS servers and our nodes say to clients who do not read, and nothing else. */
const slowCode = 4500;
/** Policy violation and try again later (RFC 6455 and IANA registry): said to slow clients, among many others. */
const perhapsSlowCodes: readonly number[] = [1008, 1013];
/** A client to which nothing came for so long before the end did not read, or was not written to. */
const receiveStallMicros = 1_000_000;

/** Whether the server closed the session for lag: with the code for that, or with a common one after a receive stall. */
export function isSlowClose(window: SettledWindow): boolean {
  const { intended, closeCode, closedAtMicros, lastByteAtMicros, unreadMs } = window.session;
  if (intended) return false;
  if (isSaidToBeSlow(window)) return true;
  const stallMicros = Math.max(closedAtMicros - lastByteAtMicros, unreadMs * 1000);
  return perhapsSlowCodes.includes(closeCode) && stallMicros >= receiveStallMicros;
}

/** Whether the code of the close alone says that it was for lag. */
function isSaidToBeSlow({ session }: SettledWindow): boolean {
  return !session.intended && session.closeCode === slowCode;
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
export function causeOfGap(windows: Windows, message: Interval): { cause: Cause; isInferred: boolean } | undefined {
  if (isCertain(windows, message.fromMicros, message.toMicros)) return undefined;
  const touched = windows.each.filter((each) =>
    touches(message, { fromMicros: each.writtenAtMicros, toMicros: each.possibleEndMicros }),
  );
  if (touched.length === 0) return { cause: 'not-subscribed', isInferred: false };
  for (const each of touched) {
    const raceEndMicros = Math.min(each.confirmedAtMicros, each.possibleEndMicros);
    if (touches(message, { fromMicros: each.writtenAtMicros, toMicros: raceEndMicros })) {
      return { cause: 'subscription-race', isInferred: false };
    }
  }
  if (!touched.some(isSlowClose)) return { cause: 'in-flight', isInferred: false };
  return { cause: 'slow-consumer', isInferred: !touched.some(isSaidToBeSlow) };
}
