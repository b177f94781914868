import { Client, type IFrame, type IMessage, type IStompSocket } from '@stomp/stompjs';
import { WebSocket } from 'ws';
import { nowMicros } from '../core/clock.js';
import { FrameHeaders, subprotocols } from '../stomp/frame.js';
import {
  type Connection,
  type ConnectionEvents,
  type ConnectionOptions,
  emptyMessage,
  goodbyeTimeoutMs,
} from './connection.js';
import { incomingOf } from './incoming-frame.js';
import { keepCookies, socketOptions } from './socket-options.js';
import type { Turns } from './turns.js';

const message = emptyMessage();

function headersOf(frame: IFrame): FrameHeaders {
  const flat: string[] = [];
  for (const [name, value] of Object.entries(frame.headers)) if (value !== undefined) flat.push(name, value);
  return new FrameHeaders(flat);
}

/**
 * A session of the stompjs engine. The library's own reconnection is off (`reconnectDelay: 0`): when to
 * come back is the reconnect profile's decision, and each session gets a new Client. All else is the
 * library's default, its way of noticing a dead peer included: silence of twice the heart-beat
 * interval, looked at once per interval, then `close()`; a hung peer never answers that, and the
 * socket ends after the bound of 2 s that browsers have too.
 */
export class StompjsConnection implements Connection {
  readonly #events: ConnectionEvents;
  readonly #client: Client;
  readonly #socket: WebSocket;
  readonly #turns: Turns;
  #lastByteAtMicros = 0;
  /** The last byte came no earlier than that, though this process may have stood still before it read it. */
  #certainAtMicros = nowMicros();
  #cause: unknown;
  #goodbye: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ConnectionOptions, turns: Turns) {
    this.#events = options.events;
    this.#turns = turns;
    this.#socket = new WebSocket(options.url, [...subprotocols], socketOptions(options));
    keepCookies(this.#socket, options.cookies);
    // Before the library's own listener, so that the time is right when the library calls us.
    this.#socket.on('message', () => {
      this.#lastByteAtMicros = nowMicros();
      this.#certainAtMicros = Math.max(this.#certainAtMicros, this.#turns.earliest(this.#lastByteAtMicros));
    });
    this.#socket.on('error', (error) => {
      this.#cause ??= error;
    });
    // The library tells of a close only while it is active; this one is always told.
    this.#socket.on('close', (code, reason) => this.#ended(code, reason.toString('utf8')));
    this.#client = new Client(this.#config(options));
    this.#client.activate();
  }

  get isOpen(): boolean {
    return this.#goodbye === undefined && this.#client.connected && this.#socket.readyState === WebSocket.OPEN;
  }

  get lastByteAtMicros(): number {
    return this.#lastByteAtMicros;
  }

  get unsentBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(destination: string, body: Buffer, receiptId?: string): void {
    if (!this.#client.connected) return;
    const headers = receiptId === undefined ? {} : { receipt: receiptId };
    // Bodies of a run are ASCII; text is what a browser would send.
    this.#client.publish({ destination, body: body.toString('latin1'), headers });
  }

  subscribe(id: number, destination: string, headers: Readonly<Record<string, string>>, receiptId: string): void {
    if (!this.#client.connected) return;
    const more = { ...headers, id: String(id), receipt: receiptId };
    this.#client.subscribe(destination, (frame) => this.#arrived(frame), more);
  }

  unsubscribe(id: number, receiptId: string): void {
    if (this.#client.connected) this.#client.unsubscribe(String(id), { receipt: receiptId });
  }

  disconnect(): void {
    if (this.#isClosed) return;
    this.#boundGoodbye();
    // Rejects never; the end is told by the socket.
    void this.#client.deactivate();
  }

  setReading(isReading: boolean): boolean {
    if (!this.isOpen || this.#socket.isPaused === !isReading) return false;
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
    return this.#socket.isPaused === !isReading;
  }

  terminate(): void {
    if (!this.#isClosed) this.#socket.terminate();
  }

  #config(options: ConnectionOptions): ConstructorParameters<typeof Client>[0] {
    const connectHeaders: Record<string, string> = { host: options.host };
    if (options.login !== undefined) connectHeaders['login'] = options.login;
    if (options.passcode !== undefined) connectHeaders['passcode'] = options.passcode;
    return {
      // `ws` has all that the library's interface asks for; only its event types differ.
      webSocketFactory: () => this.#socket as unknown as IStompSocket,
      reconnectDelay: 0,
      connectHeaders,
      connectionTimeout: options.connectTimeoutMs,
      heartbeatOutgoing: options.heartbeat.sendMs,
      heartbeatIncoming: options.heartbeat.wantMs,
      onConnect: (frame) => this.#events.connected(headersOf(frame)),
      onUnhandledMessage: (frame) => this.#arrived(frame),
      onUnhandledReceipt: (frame) => this.#events.receipt(frame.headers['receipt-id'] ?? '', headersOf(frame)),
      onStompError: (frame) => {
        this.#boundGoodbye();
        this.#events.error(headersOf(frame), frame.body);
      },
    };
  }

  #arrived(frame: IMessage): void {
    const bytes = frame.binaryBody;
    const headers = { get: (name: string) => frame.headers[name] };
    incomingOf({ headers, body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }, message);
    message.atMicros = nowMicros();
    message.hasWaited = this.#certainAtMicros < this.#lastByteAtMicros;
    this.#events.message(message);
  }

  #boundGoodbye(): void {
    this.#goodbye ??= setTimeout(() => this.terminate(), goodbyeTimeoutMs);
  }

  #ended(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#goodbye);
    // Ends the connection watcher too, and makes sure that this Client does nothing any more.
    void this.#client.deactivate();
    const lastByteAtMicros = this.#lastByteAtMicros === 0 ? 0 : this.#certainAtMicros;
    this.#events.closed({ code, reason, lastByteAtMicros, cause: this.#cause });
  }
}
