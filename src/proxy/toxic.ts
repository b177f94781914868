import type { Piece } from './piece.js';

/** One way of a passage: towards what it leads to, or back from there. */
export type Direction = 'to-target' | 'from-target';

/** What a toxic may know of the way that it is on, and do to its connection. */
export interface ToxicLane {
  readonly direction: Direction;
  /** Of this connection and way; differs from that of every other, and is the same in every run. */
  readonly label: string;
  /** Aborted when the toxic is lifted or the connection is gone: every wait ends, and what is held passes at once. */
  readonly signal: AbortSignal;
  /** Resets both ends, for a toxic that has left a hole in the stream. */
  reset(): void;
}

/**
 * Does with one piece what the toxic does, and gives what comes of it to `next`, in order. The next piece comes when
 * this one is done, so that a slow toxic slows down who sends. Never rejects.
 */
export type Pass = (piece: Piece, next: (piece: Piece) => Promise<void>) => Promise<void>;

/** Something that happens to the bytes of a passage. */
export interface Toxic {
  /** On which ways. */
  readonly directions: readonly Direction[];
  /** Begins on one way of one connection. */
  begin(lane: ToxicLane): Pass;
}

export const bothWays: readonly Direction[] = ['to-target', 'from-target'];
