import { ProtocolError } from './protocol-error.js';

/** What one side can do and wants, in milliseconds; 0 means not at all [H01]. */
export interface HeartbeatOffer {
  /** The shortest interval at which this side can send. */
  readonly sendMs: number;
  /** The interval at which this side wants to receive. */
  readonly wantMs: number;
}

/** What was agreed, seen from one side, in milliseconds; 0 means no heart-beats in that direction. */
export interface HeartbeatPlan {
  readonly sendEveryMs: number;
  readonly expectEveryMs: number;
}

/** One heart-beat: a line feed, which every version accepts [H04]. Do not write into it. */
export const heartbeatBytes: Buffer = Buffer.from('\n');

const pair = /^(\d{1,9}),(\d{1,9})$/;

/**
 * Reads a `heart-beat` header; a missing one is the same as `0,0` [H01].
 *
 * @throws ProtocolError `bad-heartbeat` unless it is two integers of at most nine digits.
 */
export function parseHeartbeat(value: string | undefined): HeartbeatOffer {
  if (value === undefined) return { sendMs: 0, wantMs: 0 };
  const match = pair.exec(value);
  if (match === null) throw new ProtocolError('bad-heartbeat', 'heart-beat is not two integers of at most 9 digits');
  return { sendMs: Number(match[1]), wantMs: Number(match[2]) };
}

/** The header value of an offer. */
export function formatHeartbeat(offer: HeartbeatOffer): string {
  return `${offer.sendMs},${offer.wantMs}`;
}

/** What both sides agree upon: in each direction the slower of the two, or nothing if either says 0 [H02, H03]. */
export function negotiateHeartbeat(mine: HeartbeatOffer, theirs: HeartbeatOffer): HeartbeatPlan {
  return {
    sendEveryMs: agreedMs(mine.sendMs, theirs.wantMs),
    expectEveryMs: agreedMs(theirs.sendMs, mine.wantMs),
  };
}

function agreedMs(canMs: number, wantsMs: number): number {
  return canMs === 0 || wantsMs === 0 ? 0 : Math.max(canMs, wantsMs);
}
