import type { Outgoing } from './outgoing.js';

/** How one kind of transport writes a frame. */
export interface FrameForm {
  sizeOf(frame: Outgoing): number;
  /** Writes it at `at`; returns where it ends. */
  write(frame: Outgoing, into: Buffer, at: number): number;
  /** The frame when nothing else goes with it. */
  alone(frame: Outgoing): Buffer;
}

/** Joins what one socket writes in one turn into one buffer. */
export type JoinFrames = (frames: readonly Outgoing[]) => Buffer;

function isSameBatch(a: readonly Outgoing[], b: readonly Outgoing[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** One buffer with all frames, for which they are copied once. */
export function joinFrames(frames: readonly Outgoing[], form: FrameForm): Buffer {
  let size = 0;
  for (const frame of frames) size += form.sizeOf(frame);
  const joined = Buffer.allocUnsafe(size);
  let at = 0;
  for (const frame of frames) at = form.write(frame, joined, at);
  return joined;
}

/**
 * Makes a joiner that remembers its last batch: at fan-out hundreds of sockets in a row send the very
 * same frames, and all of them then share one buffer instead of copying it each.
 */
export function createJoin(form: FrameForm): JoinFrames {
  let lastFrames: readonly Outgoing[] = [];
  let lastJoined: Buffer = Buffer.alloc(0);
  return (frames) => {
    if (frames.length === 1) return form.alone(frames[0] as Outgoing);
    if (!isSameBatch(frames, lastFrames)) {
      lastFrames = frames;
      lastJoined = joinFrames(frames, form);
    }
    return lastJoined;
  };
}
