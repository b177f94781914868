import type { Socket } from 'node:net';
import { FrameBatch } from './frame-batch.js';
import { frameBytes, type Outgoing } from './outgoing.js';

/** How one kind of transport writes a frame. */
export interface FrameForm {
  sizeOf(frame: Outgoing): number;
  /**
   * Writes it at `at`; returns where it ends. Ends with head and tail of the frame; what comes before
   * them depends on nothing but their length and the tail.
   */
  write(frame: Outgoing, into: Buffer, at: number): number;
  /** The frame when nothing else goes with it. */
  alone(frame: Outgoing): Buffer;
}

/** Writes the heads of `frames` over those of a batch that differs in nothing else. */
function overwriteHeads(joined: Buffer, frames: FrameBatch, form: FrameForm): void {
  let end = 0;
  for (let i = 0; i < frames.length; i++) {
    const frame = frames.frame(i);
    end += form.sizeOf(frame);
    if (frame.head.length > 0) joined.set(frame.head, end - frameBytes(frame));
  }
}

/** Joins frames into `scratch` if there is room, else into a buffer of their own. */
function joinInto(scratch: Buffer, frames: FrameBatch, form: FrameForm): Buffer {
  let size = 0;
  for (let i = 0; i < frames.length; i++) size += form.sizeOf(frames.frame(i));
  const joined = size <= scratch.length ? scratch : Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = 0; i < frames.length; i++) at = form.write(frames.frame(i), joined, at);
  return joined.length === size ? joined : joined.subarray(0, size);
}

/** A frame in a buffer of its own. */
export function formFrame(frame: Outgoing, form: FrameForm): Buffer {
  const formed = Buffer.allocUnsafe(form.sizeOf(frame));
  form.write(frame, formed, 0);
  return formed;
}

/** Somewhat more than an outbox lets wait before it writes. */
const scratchBytes = 192 * 1024;
const none: Buffer = Buffer.alloc(0);

/**
 * Joins what one socket writes in one turn into one buffer. It remembers its last batch: at fan-out
 * hundreds of sockets in a row send the very same frames, and all of them share one buffer instead of copying
 * it each. Where only their subscription ids differ, the next batch is the last one with other heads. The same
 * memory is used again and again, because the kernel mostly takes everything at once: new memory for each
 * write costs more than filling it.
 */
export class BatchJoiner {
  readonly #form: FrameForm;
  #scratch: Buffer = none;
  #lastFrames = new FrameBatch();
  #lastJoined: Buffer = none;
  /** Whether a socket still reads from `#lastJoined`. */
  #isAwaited = false;

  constructor(form: FrameForm) {
    this.#form = form;
  }

  /** Writes all frames to the socket with one write. */
  write(socket: Socket, frames: FrameBatch): void {
    if (frames.length === 1) {
      socket.write(this.#form.alone(frames.frame(0)));
      return;
    }
    if (!frames.isSameAs(this.#lastFrames)) this.#join(frames);
    socket.write(this.#lastJoined);
    if (socket.writableLength === 0) return;
    // Not all was taken: the rest is read from this memory later, so that the next batch needs another.
    this.#scratch = none;
    this.#isAwaited = true;
  }

  #join(frames: FrameBatch): void {
    if (!this.#isAwaited && frames.isLike(this.#lastFrames)) {
      overwriteHeads(this.#lastJoined, frames, this.#form);
    } else {
      if (this.#scratch.length === 0) this.#scratch = Buffer.allocUnsafeSlow(scratchBytes);
      this.#lastJoined = joinInto(this.#scratch, frames, this.#form);
      this.#isAwaited = false;
    }
    this.#lastFrames = frames;
  }
}
