import type { IncomingMessage as HttpResponse } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { nowMicros } from '../core/clock.js';
import { FrameDecoder } from '../stomp/decoder.js';
import { encodeFrame } from '../stomp/encoder.js';
import { type Frame, FrameHeaders, noBody, type StompVersion, subprotocols } from '../stomp/frame.js';
import { formatHeartbeat, heartbeatBytes, negotiateHeartbeat, parseHeartbeat } from '../stomp/heartbeat.js';
import { defaultLimits } from '../stomp/limits.js';
import { versions } from '../stomp/version.js';
import {
  type Connection,
  type ConnectionEvents,
  type ConnectionOptions,
  goodbyeTimeoutMs,
  maxFrameBytes,
} from './connection.js';
import { FrameTap, type PayloadSink } from './frame-tap.js';
import { incomingOf } from './incoming-frame.js';
import type { LeanParts } from './lean-parts.js';
import { notUsual } from './message-scanner.js';
import { keepCookies, socketOptions } from './socket-options.js';

const limits = { ...defaultLimits, maxBodyBytes: maxFrameBytes };
const acceptedVersions = [...versions].reverse().join(',');
/** Text, because every STOMP server takes it; a shared object, because `ws` wants one per send. */
const asText = { binary: false };
const disconnectReceipt = 'goodbye';
const lineFeed = 0x0a;

/** A socket that knows its connection, so that all sockets share the same listeners. */
class LeanSocket extends WebSocket {
  connection: LeanConnection | undefined;
  /** What it speaks over; known from the upgrade on. */
  wire: Socket | undefined;
}

function onUpgrade(this: WebSocket, response: HttpResponse): void {
  (this as LeanSocket).wire = response.socket;
}

function onOpen(this: WebSocket): void {
  const { connection, wire } = this as LeanSocket;
  if (connection === undefined) return;
  if (wire !== undefined) FrameTap.install(wire, connection);
  connection.opened();
}

/** Only what the tap left to `ws`. */
function onMessage(this: WebSocket, data: unknown): void {
  (this as LeanSocket).connection?.touched();
  (this as LeanSocket).connection?.payload(data as Buffer, 0, (data as Buffer).length);
}

function onError(this: WebSocket, error: Error): void {
  (this as LeanSocket).connection?.failed(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  (this as LeanSocket).connection?.ended(code, reason.toString('utf8'));
}

/** The state of a connection. The CONNECT options are kept only until they have been sent. */
type State =
  | { readonly type: 'opening'; readonly options: ConnectionOptions }
  | { readonly type: 'connecting'; readonly options: ConnectionOptions }
  | typeof open
  | typeof leaving
  | typeof closed;
const open = { type: 'open' } as const;
/** After our DISCONNECT, or after the server's ERROR. */
const leaving = { type: 'leaving' } as const;
const closed = { type: 'closed' } as const;

/** A session of the lean engine. */
export class LeanConnection implements Connection, PayloadSink {
  readonly #parts: LeanParts;
  readonly #events: ConnectionEvents;
  readonly #socket: LeanSocket;
  #state: State;
  #version: StompVersion = '1.2';
  /** There only while something unusual is being read: idle connections hold none. */
  #decoder: FrameDecoder | undefined;
  #lastByteAtMicros = 0;
  /** The last byte came no earlier than that, though this process may have stood still before it read it. */
  #certainAtMicros = 0;
  #lastSentAtMicros = 0;
  /** When it was told to read again after it had not. */
  #readsSinceMicros = 0;
  #sendEveryMicros = 0;
  /** Silence longer than this means that the peer is dead. */
  #silenceMicros = Number.POSITIVE_INFINITY;
  #deadlineAtMicros: number;
  #cause: unknown;

  constructor(options: ConnectionOptions, parts: LeanParts) {
    this.#parts = parts;
    this.#events = options.events;
    this.#state = { type: 'opening', options };
    this.#deadlineAtMicros = nowMicros() + options.connectTimeoutMs * 1000;
    this.#socket = new LeanSocket(options.url, [...subprotocols], socketOptions(options));
    keepCookies(this.#socket, options.cookies);
    this.#socket.connection = this;
    this.#socket.on('upgrade', onUpgrade).on('open', onOpen);
    this.#socket.on('message', onMessage).on('error', onError).on('close', onClose);
    parts.alive.add(this);
  }

  get isOpen(): boolean {
    return this.#state === open && this.#socket.readyState === WebSocket.OPEN;
  }

  get lastByteAtMicros(): number {
    return this.#lastByteAtMicros;
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(destination: string, body: Buffer, receiptId?: string): void {
    const flat = ['destination', destination];
    if (receiptId !== undefined) flat.push('receipt', receiptId);
    this.#write('SEND', flat, body);
  }

  subscribe(id: number, destination: string, headers: Readonly<Record<string, string>>, receiptId: string): void {
    const flat = ['id', String(id), 'destination', destination, 'receipt', receiptId];
    this.#write('SUBSCRIBE', flat.concat(Object.entries(headers).flat()), noBody);
  }

  unsubscribe(id: number, receiptId: string): void {
    this.#write('UNSUBSCRIBE', ['id', String(id), 'receipt', receiptId], noBody);
  }

  disconnect(): void {
    if (this.#state !== open) return this.terminate();
    this.#write('DISCONNECT', ['receipt', disconnectReceipt], noBody);
    this.#leave();
  }

  terminate(): void {
    if (this.#state !== closed) this.#socket.terminate();
  }

  setReading(isReading: boolean): boolean {
    if (this.#state !== open || this.#socket.isPaused === !isReading) return false;
    if (isReading) this.#readsSinceMicros = nowMicros();
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
    return this.#socket.isPaused === !isReading;
  }

  /** The WebSocket is open: CONNECT goes out. */
  opened(): void {
    if (this.#state.type !== 'opening') return;
    const { options } = this.#state;
    this.#state = { type: 'connecting', options };
    this.#certainAtMicros = nowMicros();
    this.#socket.removeListener('upgrade', onUpgrade).removeListener('open', onOpen);
    const flat = ['accept-version', acceptedVersions, 'host', options.host];
    flat.push('heart-beat', formatHeartbeat(options.heartbeat));
    if (options.login !== undefined) flat.push('login', options.login);
    if (options.passcode !== undefined) flat.push('passcode', options.passcode);
    this.#socket.send(encodeFrame({ command: 'CONNECT', headers: new FrameHeaders(flat) }, '1.2'), asText);
  }

  /** What comes with one read arrived in the same moment, however long it takes to look at all of it. */
  touched(): void {
    const atMicros = nowMicros();
    this.#lastByteAtMicros = atMicros;
    this.#certainAtMicros = Math.max(this.#certainAtMicros, this.#parts.turns.earliest(atMicros));
  }

  /** A WebSocket message came. STOMP frames need not begin and end with WebSocket messages. */
  payload(bytes: Buffer, from: number, to: number): void {
    if (this.#state === closed) return;
    const { message, scanner } = this.#parts;
    message.atMicros = this.#lastByteAtMicros;
    message.hasWaited = this.#certainAtMicros < this.#lastByteAtMicros;
    let at = from;
    while (at < to && this.#decoder === undefined && (this.#state === open || this.#state === leaving)) {
      if (bytes[at] === lineFeed) {
        at++;
        continue;
      }
      const end = scanner.scan(bytes, at, to, message);
      if (end === notUsual) break;
      this.#events.message(message);
      at = end;
    }
    if (at < to) this.#decode(bytes.subarray(at, to));
  }

  failed(error: Error): void {
    this.#cause ??= error;
  }

  ended(code: number, reason: string): void {
    if (this.#state === closed) return;
    this.#state = closed;
    this.#parts.alive.delete(this);
    this.#socket.connection = undefined;
    this.#events.closed({ code, reason, lastByteAtMicros: this.#certainAtMicros, cause: this.#cause });
  }

  /**
   * One look of the shared timer: deadlines, silence of the peer [STOMP 1.2, Heart-beating], our own heart-beat.
   * @param isAfterStall this process stood still: what the peer sent meanwhile waits in the kernel and is read before
   * the next look, which judges it
   */
  sweep(atMicros: number, isAfterStall: boolean): void {
    // Whoever did not read cannot say that nothing came.
    const silentMicros = atMicros - Math.max(this.#lastByteAtMicros, this.#readsSinceMicros);
    if (!isAfterStall && atMicros > this.#deadlineAtMicros) {
      this.#giveUp(new Error('The server did not answer in time.'));
    } else if (!isAfterStall && silentMicros > this.#silenceMicros && !this.#socket.isPaused) {
      this.#giveUp(new Error('The server sent no heart-beat.'));
    } else if (this.#state === open && this.#sendEveryMicros > 0) {
      // A little early rather than late: the next sweep comes too late for what is due before it.
      const dueInMicros = this.#lastSentAtMicros + this.#sendEveryMicros - atMicros;
      if (dueInMicros < 300_000) this.#writeBytes(heartbeatBytes, atMicros);
    }
  }

  #giveUp(cause: unknown): void {
    this.#cause ??= cause;
    this.terminate();
  }

  #decode(bytes: Buffer): void {
    this.#decoder ??= new FrameDecoder({ limits, version: this.#version });
    try {
      this.#decoder.write(bytes, this);
      if (this.#decoder.pendingBytes === 0) this.#decoder = undefined;
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** The decoder's sink: everything that is not a usual MESSAGE. */
  frame(frame: Frame): void {
    switch (frame.command) {
      case 'CONNECTED':
        this.#connected(frame.headers);
        break;
      case 'MESSAGE':
        incomingOf(frame, this.#parts.message);
        this.#events.message(this.#parts.message);
        break;
      case 'RECEIPT':
        this.#receipt(frame.headers);
        break;
      case 'ERROR':
        this.#leave();
        this.#events.error(frame.headers, frame.body.toString('utf8'));
        break;
      default:
        this.#giveUp(new Error(`The server sent a ${frame.command} frame.`));
    }
  }

  #connected(headers: FrameHeaders): void {
    if (this.#state.type !== 'connecting') return;
    const { heartbeat } = this.#state.options;
    const agreed = negotiateHeartbeat(heartbeat, parseHeartbeat(headers.get('heart-beat')));
    this.#sendEveryMicros = agreed.sendEveryMs * 1000;
    if (agreed.expectEveryMs > 0) this.#silenceMicros = (2 * agreed.expectEveryMs + 1000) * 1000;
    this.#version = versions.find((version) => version === headers.get('version')) ?? '1.0';
    if (this.#decoder !== undefined) this.#decoder.version = this.#version;
    this.#lastSentAtMicros = this.#lastByteAtMicros;
    this.#deadlineAtMicros = Number.POSITIVE_INFINITY;
    this.#state = open;
    this.#events.connected(headers);
  }

  #receipt(headers: FrameHeaders): void {
    const id = headers.get('receipt-id') ?? '';
    if (id === disconnectReceipt) this.#socket.close(1000);
    else this.#events.receipt(id, headers);
  }

  #leave(): void {
    this.#state = leaving;
    this.#deadlineAtMicros = nowMicros() + goodbyeTimeoutMs * 1000;
  }

  #write(command: string, flat: readonly string[], body: Buffer): void {
    if (this.#state !== open) return;
    const bytes = encodeFrame({ command, headers: new FrameHeaders(flat), body }, this.#version);
    this.#writeBytes(bytes, nowMicros());
  }

  #writeBytes(bytes: Buffer, atMicros: number): void {
    this.#lastSentAtMicros = atMicros;
    this.#socket.send(bytes, asText);
  }
}
