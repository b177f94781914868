import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { createJoin } from './batch.js';
import type { Outgoing, Transport, TransportEvents } from './transport.js';

/**
 * A STOMP frame as one unmasked, unfragmented WebSocket message [RFC 6455, 5.2]: text, as browsers'
 * clients expect, unless the bytes are not UTF-8.
 */
function wireOf(frame: Outgoing): Buffer {
  frame.wire ??= frameMessage(frame.bytes);
  return frame.wire;
}

function frameMessage(payload: Buffer): Buffer {
  const { length } = payload;
  const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const wire = Buffer.allocUnsafe(headBytes + length);
  wire[0] = 0x80 | (isUtf8(payload) ? 0x1 : 0x2);
  if (headBytes === 2) {
    wire[1] = length;
  } else if (headBytes === 4) {
    wire[1] = 126;
    wire.writeUInt16BE(length, 2);
  } else {
    wire[1] = 127;
    wire.writeBigUInt64BE(BigInt(length), 2);
  }
  payload.copy(wire, headBytes);
  return wire;
}

const join = createJoin(wireOf);

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
    // Faults of the WebSocket protocol: `ws` sends the fitting close frame and closes; nothing is left to do here.
    this.#ws.on('error', () => {});
    this.#socket.on('drain', () => events.drained());
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  get sentBytes(): number {
    return this.#socket.bytesWritten - this.#socket.writableLength;
  }

  write(frames: readonly Outgoing[]): void {
    if (this.#ws.readyState === this.#ws.OPEN && this.#socket.writable) this.#socket.write(join(frames));
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
