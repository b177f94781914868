import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { BatchJoiner, type FrameForm, formFrame } from './batch.js';
import type { FrameBatch } from './frame-batch.js';
import { frameBytes, isTextFrame, writeFrame } from './outgoing.js';
import type { Transport, TransportEvents } from './transport.js';

/**
 * A STOMP frame as one unmasked, unfragmented WebSocket message [RFC 6455, 5.2]: text, as browsers'
 * clients expect, unless the bytes are not UTF-8.
 */
const webSocketFrame: FrameForm = {
  sizeOf(frame) {
    const length = frameBytes(frame);
    return headerBytes(length) + length;
  },
  write(frame, into, at) {
    const length = frameBytes(frame);
    into[at] = 0x80 | (isTextFrame(frame) ? 0x1 : 0x2);
    const bytes = headerBytes(length);
    if (bytes === 2) {
      into[at + 1] = length;
    } else if (bytes === 4) {
      into[at + 1] = 126;
      into[at + 2] = length >>> 8;
      into[at + 3] = length & 0xff;
    } else {
      into[at + 1] = 127;
      into.writeBigUInt64BE(BigInt(length), at + 2);
    }
    return writeFrame(frame, into, at + bytes);
  },
  alone(frame) {
    const { head, tail } = frame;
    if (tail.wire?.head !== head) tail.wire = { head, bytes: formFrame(frame, webSocketFrame) };
    return tail.wire.bytes;
  },
};

function headerBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10;
}

const joiner = new BatchJoiner(webSocketFrame);

/**
 * A WebSocket. `ws` reads, answers pings and closes; frames are written by ourselves on the socket that
 * the HTTP server handed us with the upgrade, because one write per socket and turn is what makes
 * fan-out fast. Without compression `ws` writes its control frames whole and at once, so the two
 * never interleave within a frame.
 */
export class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  readonly remoteAddress: string;
  readonly user: string | undefined;
  readonly #socket: Socket;
  readonly #ws: WebSocket;

  constructor(ws: WebSocket, socket: Socket, user: string | undefined) {
    this.#ws = ws;
    this.user = user;
    this.#socket = socket;
    this.remoteAddress = socket.remoteAddress ?? 'unknown';
  }

  listen(events: TransportEvents): void {
    this.#ws.on('message', (data) => events.data(data as Buffer));
    this.#ws.on('close', () => events.closed());
    // Faults of the WebSocket protocol: `ws` sends the fitting close frame and closes.
    this.#ws.on('error', () => events.faulted());
    this.#socket.on('drain', () => events.drained());
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  get sentBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  write(frames: FrameBatch): void {
    if (this.#ws.readyState === this.#ws.OPEN && this.#socket.writable) joiner.write(this.#socket, frames);
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  destroy(): void {
    this.#ws.terminate();
  }

  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }
}
