import type { Socket } from 'node:net';
import { sleep } from '../core/clock.js';
import { resetNow } from './reset-now.js';

/**
 * How long a reset waits for bytes that were already received for that side. A peer that reads
 * nothing for so long loses them, as it would have lost them without a balancer in between.
 */
const resetFlushMs = 1_000;

/** Looks at the first bytes of one direction; see `response-head.ts`. */
export interface HeadRewrite {
  /** The bytes that may pass now; undefined while it holds everything back. */
  take(chunk: Buffer): Buffer | undefined;
  /** Whether it wants to see no further chunk. */
  readonly done: boolean;
  /** What it still holds back when the stream ends early. */
  rest(): Buffer;
}

export interface LinkOptions {
  /** Called once, when both sockets are closed. */
  readonly onClosed?: (link: Link) => void;
  /** How long a backend may stay silent after its client has ended; default 60,000. */
  readonly halfOpenMs?: number;
  /** Rewrites the first bytes from the backend to the client. */
  readonly rewrite?: HeadRewrite;
}

/**
 * Two sockets joined in both directions, without losing or reordering a byte.
 * - Back-pressure: a side is paused while the other has not taken what it was given, so one
 *   direction holds at most one chunk (64 KiB) beyond the two stream buffers.
 * - Half-close: the end of one direction is passed on and the other goes on. Both sockets must
 *   have been made with `allowHalfOpen`.
 * - Abrupt ends: when a side is reset or destroyed the other is reset, after the bytes that were
 *   already received for it. The one exception is not ours: when bytes and a reset arrive in the
 *   same poll, libuv reports an end of stream instead of the reset, and so does the link.
 *
 * There is no idle timeout: a quiet WebSocket is not a dead one. One exception: when the client has
 * ended and the backend is silent for `halfOpenMs`, the link is reset, because the clients that gave
 * up a hung node would otherwise fill the balancer. The default is as long as our longest pause.
 */
export class Link {
  readonly #client: Socket;
  readonly #upstream: Socket;
  #openSockets = 2;

  /** Starts to forward at once, whether the sockets were paused or not. Neither may be destroyed yet. */
  constructor(client: Socket, upstream: Socket, options: LinkOptions = {}) {
    this.#client = client;
    this.#upstream = upstream;
    const onSocketClosed = (): void => {
      this.#openSockets -= 1;
      if (this.#openSockets === 0) options.onClosed?.(this);
    };
    forward(client, upstream, onSocketClosed);
    forward(upstream, client, onSocketClosed, options.rewrite);
    const limitSilence = (): void => void upstream.setTimeout(options.halfOpenMs ?? 60_000, () => this.reset());
    if (client.readableEnded) limitSilence();
    else client.once('end', limitSilence);
  }

  /** Resets both sides, as the death of the machine in between would. */
  reset(): void {
    resetSocket(this.#client);
    resetSocket(this.#upstream);
  }

  /** Closes both sides at once; bytes under way are dropped. */
  close(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }
}

/**
 * Ends a connection with RST, after the bytes already written to it or `resetFlushMs`, whichever is
 * first. What the kernel has taken but the peer has not, the RST destroys, as any RST does.
 */
export function resetSocket(socket: Socket): void {
  if (socket.connecting || socket.writableLength === 0) resetNow(socket);
  else if (!socket.destroyed) resetWhenFlushed(socket);
}

/** A reset alone would drop what the stream still holds. */
function resetWhenFlushed(socket: Socket): void {
  const reset = (): void => resetNow(socket);
  const closed = new AbortController();
  socket.once('close', () => closed.abort());
  // Rejects only when the socket has closed before, and then nothing is left to do.
  sleep(resetFlushMs, closed.signal).then(reset, () => undefined);
  // The callback of an empty write comes after those of all writes before it.
  if (socket.writableEnded) socket.once('finish', reset);
  else socket.write('', reset);
}

/** One direction. Plain `data` and `drain` handlers: a Transform per direction would double the cost of a chunk. */
function forward(from: Socket, to: Socket, onClosed: () => void, rewrite?: HeadRewrite): void {
  const pass = (chunk: Buffer): void => {
    if (!to.write(chunk)) from.pause();
  };
  if (rewrite === undefined) from.on('data', pass);
  else passRewritten(from, pass, rewrite);

  to.on('drain', () => from.resume());
  const passHeld = (): void => {
    const held = rewrite?.rest();
    if (held !== undefined && held.length > 0 && to.writable) to.write(held);
  };
  const onEnd = (): void => {
    passHeld();
    to.end();
  };
  // A socket that was read before, for its request head, may have ended while it was paused.
  if (from.readableEnded) onEnd();
  else from.on('end', onEnd);
  // The consequence is drawn in 'close', which always follows and also covers sockets destroyed without an error.
  from.on('error', () => undefined);
  from.on('close', (hadError: boolean) => {
    if ((hadError || !from.readableEnded) && !to.destroyed) {
      passHeld();
      // While paused, a socket may have read bytes that no 'data' event has carried yet. Whether read()
      // would emit one now depends on how the socket died, so nobody may listen any more.
      from.removeAllListeners('data');
      const unread: Buffer | null = from.read();
      if (unread !== null && to.writable) to.write(unread);
      resetSocket(to);
    }
    onClosed();
  });
  from.resume();
}

/** Sends the first chunks through the rewrite, then steps out of the way so that later chunks cost nothing extra. */
function passRewritten(from: Socket, pass: (chunk: Buffer) => void, rewrite: HeadRewrite): void {
  const inspect = (chunk: Buffer): void => {
    const out = rewrite.take(chunk);
    if (out !== undefined) pass(out);
    if (!rewrite.done) return;
    from.off('data', inspect);
    from.on('data', pass);
  };
  from.on('data', inspect);
}
