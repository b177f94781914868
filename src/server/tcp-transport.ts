import type { Socket } from 'node:net';
import { BatchJoiner, type FrameForm, formFrame } from './batch.js';
import { frameBytes, writeFrame } from './outgoing.js';
import type { Transport, TransportEvents } from './transport.js';

const stompFrame: FrameForm = {
  sizeOf: frameBytes,
  write: writeFrame,
  alone: (frame) => (frame.head.length === 0 ? frame.tail.bytes : formFrame(frame, stompFrame)),
};

const joiner = new BatchJoiner(stompFrame);

/** STOMP over plain TCP: frames follow each other on the stream, closing has no code. */
export class TcpTransport implements Transport {
  readonly kind = 'tcp';
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #closeTimeoutMs: number;

  constructor(socket: Socket, closeTimeoutMs: number) {
    this.#socket = socket;
    this.#closeTimeoutMs = closeTimeoutMs;
    this.remoteAddress = socket.remoteAddress ?? 'unknown';
  }

  listen(events: TransportEvents): void {
    this.#socket.on('data', (chunk) => events.data(chunk));
    this.#socket.on('close', () => events.closed());
    // A reset is followed by 'close', which is where it is dealt with.
    this.#socket.on('error', () => {});
    this.#socket.on('drain', () => events.drained());
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  get sentBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  write(frames: Parameters<Transport['write']>[0]): void {
    if (this.#socket.writable) joiner.write(this.#socket, frames);
  }

  close(): void {
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), this.#closeTimeoutMs).unref();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }
}
