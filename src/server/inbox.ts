import { nowMs } from '../core/clock.js';
import { FrameDecoder, type FrameSink } from '../stomp/decoder.js';
import type { Frame, StompVersion } from '../stomp/frame.js';
import { isLoopback } from './loopback.js';
import type { ServerContext } from './server-context.js';
import type { Transport } from './transport.js';

/**
 * What comes from one client: bytes that become frames, so many a second and no more, and when it was last heard.
 * Beyond its frames of a second the socket is not read.
 */
export class Inbox implements FrameSink {
  readonly #transport: Transport;
  readonly #onFrame: (frame: Frame) => void;
  readonly #decoder: FrameDecoder;
  readonly #framesPerSecond: number;
  #frameBudget: number;
  #partialSinceMs = 0;
  #lastReadMs = nowMs();
  /** Somebody wants nothing from the peer for now. */
  #isHeld = false;

  constructor(transport: Transport, context: ServerContext, onFrame: (frame: Frame) => void) {
    this.#transport = transport;
    this.#onFrame = onFrame;
    this.#framesPerSecond = isLoopback(transport.remoteAddress)
      ? Number.POSITIVE_INFINITY
      : context.limits.maxFramesPerSecond;
    this.#frameBudget = this.#framesPerSecond;
    // Before CONNECT a frame must be small and can have no body [limits of a stranger].
    this.#decoder = new FrameDecoder({ limits: context.connectLimits });
  }

  /**
   * Hands over every frame that these bytes complete.
   * @throws ProtocolError when they cannot be one
   */
  read(chunk: Buffer): void {
    this.#lastReadMs = nowMs();
    try {
      this.#decoder.write(chunk, this);
    } finally {
      this.#partialSinceMs = this.#decoder.pendingBytes === 0 ? 0 : this.#partialSinceMs || this.#lastReadMs;
    }
  }

  /** One whole frame from the decoder. */
  frame(frame: Frame): void {
    // What is unfinished after this frame is another one, however rarely chunks and frames end together.
    this.#partialSinceMs = 0;
    if (--this.#frameBudget === 0) this.#transport.pause();
    this.#onFrame(frame);
  }

  /** From the next frame on the rules of this version and the limits of a connected client hold. */
  admit(version: StompVersion, limits: ServerContext['limits']): void {
    this.#decoder.version = version;
    this.#decoder.setLimits(limits);
  }

  /** For how long nothing came, in milliseconds; 0 while nothing is read. */
  silentMs(now: number): number {
    return this.#isHeld ? 0 : now - this.#lastReadMs;
  }

  /** For how long a frame has been unfinished, in milliseconds; 0 where none is, and while nothing is read. */
  partialMs(now: number): number {
    return this.#partialSinceMs === 0 || this.#isHeld ? 0 : now - this.#partialSinceMs;
  }

  /** A new second: its frames may come again. */
  refill(): void {
    if (this.#frameBudget <= 0 && !this.#isHeld) this.#transport.resume();
    this.#frameBudget = this.#framesPerSecond;
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#isHeld = true;
    this.#transport.pause();
  }

  /** Reads on. What the peer may have said meanwhile it is not blamed for. */
  resume(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#lastReadMs = nowMs();
    if (this.#partialSinceMs !== 0) this.#partialSinceMs = this.#lastReadMs;
    if (this.#frameBudget > 0) this.#transport.resume();
  }

  /** No frame comes any more, not even from bytes that are being read. */
  stop(): void {
    this.#decoder.stop();
  }
}
