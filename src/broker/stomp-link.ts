import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { nowMs } from '../core/clock.js';
import { StallWatch } from '../core/stall-watch.js';
import { WriteBatch } from '../core/write-batch.js';
import { FrameDecoder } from '../stomp/decoder.js';
import { encodeFrame } from '../stomp/encoder.js';
import { type Frame, FrameHeaders, type StompVersion } from '../stomp/frame.js';
import { negotiateHeartbeat, parseHeartbeat } from '../stomp/heartbeat.js';
import type { CodecLimits } from '../stomp/limits.js';
import { versions } from '../stomp/version.js';

export interface StompLinkOptions {
  readonly host: string;
  readonly port: number;
  /** Over TLS; the certificate is always verified. */
  readonly isTls?: boolean;
  /** Left out, the broker's own default holds. */
  readonly login?: string | undefined;
  readonly passcode?: string | undefined;
  /** The header `host`: RabbitMQ's virtual host. */
  readonly vhost?: string;
  /** `accept-version`; 1.2 alone when left out. */
  readonly acceptVersion?: string;
  /** More headers of the CONNECT, none of STOMP's own. */
  readonly connectHeaders?: FrameHeaders;
  /** Within which TCP connect and CONNECTED must happen. */
  readonly connectTimeoutMs: number;
  /** Heart-beats of both directions. */
  readonly heartbeatMs: number;
  /** What the broker is promised of those of this side, where they come more often than that. */
  readonly promisedMs?: number;
  readonly limits: CodecLimits;
}

export interface StompLinkEvents {
  frame(frame: Frame): void;
  /** The kernel took everything that was written. */
  drained?(): void;
  /** Told once, after opening resolved; not when opening failed. */
  closed(cause: Error): void;
}

/** How long the broker's side of an ended connection may take. */
const endTimeoutMs = 1_000;

/** One STOMP connection over TCP or TLS to a broker, from CONNECT until it is lost. */
export class StompLink {
  readonly #socket: Socket;
  readonly #batch: WriteBatch;
  readonly #decoder: FrameDecoder;
  readonly #events: StompLinkEvents;
  readonly #heartbeatMs: number;
  /** Whether the broker is promised less than it gets. */
  readonly #isGenerous: boolean;
  #timer: NodeJS.Timeout | undefined;
  #lastReadMs = nowMs();
  #lastWriteMs = nowMs();
  #version: StompVersion = '1.2';
  #connected = FrameHeaders.none;
  #opened = false;
  #isPaused = false;
  #cause: Error | undefined;
  #settleOpening: { resolve(): void; reject(error: Error): void } | undefined;

  private constructor(options: StompLinkOptions, events: StompLinkEvents) {
    this.#events = events;
    this.#heartbeatMs = options.heartbeatMs;
    this.#isGenerous = options.promisedMs !== undefined;
    this.#decoder = new FrameDecoder({ limits: options.limits });
    const { host, port } = options;
    this.#socket =
      options.isTls === true
        ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
        : connect({ host, port });
    this.#socket.setNoDelay(true);
    this.#batch = new WriteBatch(this.#socket);
  }

  /**
   * Resolves when the broker has answered CONNECTED. Rejects with the reason otherwise, at once with the
   * signal's when it is aborted.
   */
  static async open(options: StompLinkOptions, events: StompLinkEvents, signal?: AbortSignal): Promise<StompLink> {
    signal?.throwIfAborted();
    const link = new StompLink(options, events);
    const abort = () => link.destroy(new Error('The connection is no longer wanted.'));
    signal?.addEventListener('abort', abort);
    try {
      await link.#opening(options);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    return link;
  }

  /** The version that the broker chose. */
  get version(): StompVersion {
    return this.#version;
  }

  /** The headers of its CONNECTED. */
  get connected(): FrameHeaders {
    return this.#connected;
  }

  /** Bytes that wait for the broker to read. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** @throws ProtocolError for a header that the link's version cannot express */
  send(command: string, headers: FrameHeaders, body?: Buffer): void {
    const frame = body === undefined ? { command, headers } : { command, headers, body };
    this.#batch.add(encodeFrame(frame, this.#version));
    this.#lastWriteMs = nowMs();
  }

  /** Reads no more until `resume`; meanwhile the broker's silence means nothing. */
  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#lastReadMs = nowMs();
    this.#socket.resume();
  }

  /** Ends it at once; nothing that was not yet written is written. */
  destroy(cause: Error): void {
    this.#cause ??= cause;
    this.#socket.destroy();
  }

  /** Writes what waits, then ends the connection. */
  end(): void {
    this.#cause ??= new Error('The connection was ended here.');
    this.#batch.flush();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), endTimeoutMs).unref();
  }

  #opening(options: StompLinkOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const { connectTimeoutMs } = options;
      const tooLate = () => this.destroy(new Error(`no answer from the broker within ${connectTimeoutMs} ms`));
      const timer = setTimeout(tooLate, connectTimeoutMs);
      this.#settleOpening = {
        // Once connected, the timer must not fire into a healthy connection.
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
        reject,
      };
      this.#socket.on(options.isTls === true ? 'secureConnect' : 'connect', () =>
        this.send('CONNECT', connectHeaders(options)),
      );
      this.#socket.on('data', (chunk) => this.#received(chunk));
      this.#socket.on('drain', () => this.#events.drained?.());
      this.#socket.on('error', (error) => {
        this.#cause ??= error;
      });
      this.#socket.on('close', () => {
        clearTimeout(timer);
        this.#lost();
      });
    });
  }

  #received(chunk: Buffer): void {
    this.#lastReadMs = nowMs();
    try {
      this.#decoder.write(chunk, { frame: (frame) => this.#frame(frame) });
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.destroy(this.#opened ? cause : new Error(`what answers there is not STOMP: ${cause.message}`));
    }
  }

  #frame(frame: Frame): void {
    if (this.#opened) return this.#events.frame(frame);
    if (frame.command === 'CONNECTED') return this.#accepted(frame.headers);
    const said = [frame.headers.get('message') ?? '', frame.body.toString('utf8', 0, 200)];
    const reason = said.map((text) => text.trim()).filter((text) => text !== '');
    this.destroy(new Error(`the broker answered ${frame.command}: ${reason.join(': ')}`));
  }

  #accepted(headers: FrameHeaders): void {
    const said = headers.get('version') ?? '1.0';
    const version = versions.find((known) => known === said);
    if (version === undefined) return this.destroy(new Error('the broker chose a version of STOMP that is none'));
    const theirs = parseHeartbeat(headers.get('heart-beat'));
    const beat = negotiateHeartbeat({ sendMs: this.#heartbeatMs, wantMs: this.#heartbeatMs }, theirs);
    // Who was promised less repeats that, and gets more all the same.
    const sendEveryMs = this.#isGenerous ? Math.min(beat.sendEveryMs, this.#heartbeatMs) : beat.sendEveryMs;
    this.#watchOver(sendEveryMs, beat.expectEveryMs);
    this.#version = version;
    this.#decoder.version = version;
    this.#connected = headers;
    this.#opened = true;
    this.#settleOpening?.resolve();
  }

  #lost(): void {
    clearInterval(this.#timer);
    const cause = this.#cause ?? new Error('The broker closed the connection.');
    if (this.#opened) this.#events.closed(cause);
    else this.#settleOpening?.reject(cause);
  }

  /** [STOMP 1.2, Heart-beating] with the tolerance that Spring and stompjs use: dead at twice the interval and 1 s. */
  #watchOver(sendEveryMs: number, expectEveryMs: number): void {
    if (sendEveryMs === 0 && expectEveryMs === 0) return;
    const everyMs = Math.max(50, Math.min(sendEveryMs || 10_000, expectEveryMs || 10_000) / 4);
    const stalls = new StallWatch(everyMs + 1_000, nowMs());
    this.#timer = setInterval(() => {
      const now = nowMs();
      const isAfterStall = stalls.isAfterStall(now);
      if (sendEveryMs > 0 && now - this.#lastWriteMs >= sendEveryMs * 0.7) {
        this.#batch.add(Buffer.from('\n'));
        this.#lastWriteMs = now;
      }
      if (!isAfterStall && !this.#isPaused && expectEveryMs > 0 && now - this.#lastReadMs > expectEveryMs * 2 + 1_000) {
        this.destroy(new Error(`the broker was silent for ${Math.round(now - this.#lastReadMs)} ms`));
      }
    }, everyMs);
    this.#timer.unref();
  }
}

function connectHeaders(options: StompLinkOptions): FrameHeaders {
  const { login, passcode, heartbeatMs, promisedMs = heartbeatMs } = options;
  const flat = ['accept-version', options.acceptVersion ?? '1.2', 'host', options.vhost ?? '/'];
  if (login !== undefined) flat.push('login', login);
  if (passcode !== undefined) flat.push('passcode', passcode);
  flat.push('heart-beat', `${promisedMs},${heartbeatMs}`);
  for (const [name, value] of options.connectHeaders ?? FrameHeaders.none) flat.push(name, value);
  return new FrameHeaders(flat);
}
