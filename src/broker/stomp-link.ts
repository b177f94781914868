import { connect, type Socket } from 'node:net';
import { nowMs } from '../core/clock.js';
import { WriteBatch } from '../core/write-batch.js';
import { FrameDecoder } from '../stomp/decoder.js';
import { encodeFrame } from '../stomp/encoder.js';
import { type Frame, FrameHeaders } from '../stomp/frame.js';
import { negotiateHeartbeat, parseHeartbeat } from '../stomp/heartbeat.js';
import type { CodecLimits } from '../stomp/limits.js';

export interface StompLinkOptions {
  readonly host: string;
  readonly port: number;
  readonly login: string;
  readonly passcode: string;
  /** Within which TCP connect and CONNECTED must happen. */
  readonly connectTimeoutMs: number;
  /** Heart-beats offered in both directions. */
  readonly heartbeatMs: number;
  readonly limits: CodecLimits;
}

export interface StompLinkEvents {
  frame(frame: Frame): void;
  /** Told once, after `opened` resolved; not when opening failed. */
  closed(cause: Error): void;
}

/** One STOMP 1.2 connection over TCP to a broker, from CONNECT until it is lost. */
export class StompLink {
  readonly #socket: Socket;
  readonly #batch: WriteBatch;
  readonly #decoder: FrameDecoder;
  readonly #events: StompLinkEvents;
  #timer: NodeJS.Timeout | undefined;
  #lastReadMs = nowMs();
  #lastWriteMs = nowMs();
  #opened = false;
  #cause: Error | undefined;
  #settleOpening: { resolve(headers: FrameHeaders): void; reject(error: Error): void } | undefined;

  private constructor(options: StompLinkOptions, events: StompLinkEvents) {
    this.#events = events;
    this.#decoder = new FrameDecoder({ limits: options.limits });
    this.#socket = connect({ host: options.host, port: options.port, noDelay: true });
    this.#batch = new WriteBatch(this.#socket);
  }

  /** Resolves when the broker has answered CONNECTED. Rejects with the reason otherwise. */
  static async open(options: StompLinkOptions, events: StompLinkEvents): Promise<StompLink> {
    const link = new StompLink(options, events);
    const connected = await link.#opening(options);
    link.#opened = true;
    const theirs = parseHeartbeat(connected.get('heart-beat'));
    const beat = negotiateHeartbeat({ sendMs: options.heartbeatMs, wantMs: options.heartbeatMs }, theirs);
    link.#watchOver(beat.sendEveryMs, beat.expectEveryMs);
    return link;
  }

  send(command: string, headers: FrameHeaders, body?: Buffer): void {
    this.#batch.add(encodeFrame(body === undefined ? { command, headers } : { command, headers, body }, '1.2'));
    this.#lastWriteMs = nowMs();
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
  }

  #opening(options: StompLinkOptions): Promise<FrameHeaders> {
    return new Promise((resolve, reject) => {
      this.#settleOpening = { resolve, reject };
      const timer = setTimeout(
        () => this.destroy(new Error(`no answer from the broker within ${options.connectTimeoutMs} ms`)),
        options.connectTimeoutMs,
      );
      this.#socket.on('connect', () => {
        const { login, passcode, heartbeatMs } = options;
        const entries = {
          'accept-version': '1.2',
          host: '/',
          login,
          passcode,
          'heart-beat': `${heartbeatMs},${heartbeatMs}`,
        };
        this.send('CONNECT', FrameHeaders.of(entries));
      });
      this.#socket.on('data', (chunk) => this.#received(chunk));
      this.#socket.on('error', (error) => {
        this.#cause ??= error;
      });
      this.#socket.on('close', () => {
        clearTimeout(timer);
        this.#lost();
      });
      // Once connected, the timer must not fire into a healthy connection.
      this.#settleOpening.resolve = (headers) => {
        clearTimeout(timer);
        resolve(headers);
      };
    });
  }

  #received(chunk: Buffer): void {
    this.#lastReadMs = nowMs();
    try {
      this.#decoder.write(chunk, { frame: (frame) => this.#frame(frame) });
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #frame(frame: Frame): void {
    if (this.#opened || frame.command === 'MESSAGE') {
      this.#events.frame(frame);
    } else if (frame.command === 'CONNECTED') {
      this.#settleOpening?.resolve(frame.headers);
    } else {
      const reason = frame.headers.get('message') ?? frame.body.toString('utf8', 0, 200);
      this.destroy(new Error(`the broker answered ${frame.command}: ${reason}`));
    }
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
    let lastMs = nowMs();
    this.#timer = setInterval(() => {
      const now = nowMs();
      const isAfterStall = now - lastMs > everyMs + 1_000;
      lastMs = now;
      if (sendEveryMs > 0 && now - this.#lastWriteMs >= sendEveryMs * 0.7) {
        this.#batch.add(Buffer.from('\n'));
        this.#lastWriteMs = now;
      }
      // After a pause of this process what the broker sent waits in the kernel, to be read before it is judged.
      if (!isAfterStall && expectEveryMs > 0 && now - this.#lastReadMs > expectEveryMs * 2 + 1_000) {
        this.destroy(new Error(`the broker was silent for ${Math.round(now - this.#lastReadMs)} ms`));
      }
    }, everyMs);
    this.#timer.unref();
  }
}
