import type { Outgoing } from './transport.js';

/** Joins what one socket writes in one turn into one buffer; `bytesOf` says which form of a frame. */
export type JoinFrames = (frames: readonly Outgoing[]) => Buffer;

function isSameBatch(a: readonly Outgoing[], b: readonly Outgoing[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Makes a joiner that remembers its last batch: at fan-out hundreds of sockets in a row send the very
 * same frames, and all of them then share one buffer instead of copying it each.
 */
export function createJoin(bytesOf: (frame: Outgoing) => Buffer): JoinFrames {
  let lastFrames: readonly Outgoing[] = [];
  let lastJoined: Buffer = Buffer.alloc(0);
  return (frames) => {
    if (frames.length === 1) return bytesOf(frames[0] as Outgoing);
    if (!isSameBatch(frames, lastFrames)) {
      lastFrames = frames;
      lastJoined = Buffer.concat(frames.map(bytesOf));
    }
    return lastJoined;
  };
}
