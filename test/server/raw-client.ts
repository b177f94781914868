import { connect, type Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import { linkLimits } from '../../src/broker/link-limits.js';
import { FrameDecoder } from '../../src/stomp/decoder.js';
import type { Frame, StompVersion } from '../../src/stomp/frame.js';

/** Longer than anything here takes; a test that waits for more has failed. */
const patienceMs = 30_000;

export type HeaderLines = Readonly<Record<string, string>>;

/** A frame as text, exactly as given: nothing is escaped, checked or added. */
export function frameText(command: string, headers: HeaderLines = {}, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  return `${command}\n${lines.join('')}\n${body}\0`;
}

/** How a connection ended; TCP has no code. */
export interface Ending {
  readonly code: number | undefined;
  readonly reason: string;
}

interface Wire {
  write(bytes: string | Buffer): void;
  /** Below the WebSocket protocol. */
  octets(bytes: Buffer): void;
  extensions(): string;
  /** Ends the sending side. */
  finish(): void;
  pause(): void;
  resume(): void;
  destroy(): void;
}

/** What a peer that speaks raw octets sees: every frame, every heart-beat, and how it ended. */
export class RawClient implements AsyncDisposable {
  readonly received: Frame[] = [];
  /** Ends of lines between frames. */
  heartbeats = 0;
  readonly ended: Promise<Ending>;
  wire: Wire | undefined;
  readonly #decoder = new FrameDecoder({ limits: linkLimits });
  #read = 0;
  #ending: Ending | undefined;
  #end: (ending: Ending) => void = () => {};
  #wakeUps: (() => void)[] = [];

  private constructor() {
    this.ended = new Promise((resolve) => {
      this.#end = (ending) => {
        this.#ending ??= ending;
        resolve(this.#ending);
        this.#wake();
      };
    });
  }

  /** Opens a WebSocket; rejects with the HTTP status when it is refused. */
  static overWebSocket(url: string, options: ClientOptions & { subprotocols?: string[] } = {}): Promise<RawClient> {
    const client = new RawClient();
    const socket = new WebSocket(url, options.subprotocols ?? ['v12.stomp'], { perMessageDeflate: false, ...options });
    socket.on('message', (data) => client.#octets(data as Buffer));
    socket.on('close', (code, reason) => client.#end({ code, reason: reason.toString() }));
    client.wire = {
      write: (bytes) => socket.send(bytes),
      // `ws` offers no public way to write octets that it did not frame.
      octets: (bytes) => (socket as unknown as { _socket: Socket })._socket.write(bytes),
      extensions: () => socket.extensions,
      finish: () => socket.close(),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      destroy: () => socket.terminate(),
    };
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => resolve(client));
    });
  }

  static async overTcp(port: number): Promise<RawClient> {
    const client = new RawClient();
    const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.on('data', (chunk) => client.#octets(chunk));
    socket.on('close', () => client.#end({ code: undefined, reason: '' }));
    client.wire = {
      write: (bytes) => socket.write(bytes),
      octets: (bytes) => socket.write(bytes),
      extensions: () => '',
      finish: () => socket.end(),
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      destroy: () => socket.destroy(),
    };
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => resolve());
    });
    socket.on('error', () => {});
    return client;
  }

  /** Sends octets as they are: one WebSocket message, or one write. */
  raw(bytes: string | Buffer): void {
    this.wire?.write(bytes);
  }

  /** Sends octets beneath the WebSocket protocol: the test frames them itself. */
  octets(bytes: Buffer): void {
    this.wire?.octets(bytes);
  }

  /** The WebSocket extensions that were agreed upon. */
  extensions(): string {
    return this.wire?.extensions() ?? '';
  }

  /** Says that nothing more comes: FIN, or a close frame. */
  finish(): void {
    this.wire?.finish();
  }

  /** Stops reading, and reads on. */
  pause(): void {
    this.wire?.pause();
  }

  resume(): void {
    this.wire?.resume();
  }

  send(command: string, headers: HeaderLines = {}, body = ''): void {
    this.raw(frameText(command, headers, body));
  }

  /** CONNECT and its answer. */
  async connect(version: StompVersion = '1.2', headers: HeaderLines = {}): Promise<Frame> {
    const accept: HeaderLines = version === '1.0' ? {} : { 'accept-version': version, host: '/' };
    this.send('CONNECT', { ...accept, ...headers });
    const connected = await this.next('CONNECTED');
    this.#decoder.version = version;
    return connected;
  }

  /** The next frame not yet read; fails if it is another command, or if the connection ends first. */
  async next(command?: string): Promise<Frame> {
    await this.until(() => this.received.length > this.#read, `a frame ${command ?? ''}`);
    const frame = this.received[this.#read++] as Frame;
    if (command !== undefined && frame.command !== command) {
      throw new Error(`expected ${command}, got ${describe(frame)}`);
    }
    return frame;
  }

  /** The body of each of the next `count` frames, all MESSAGE. */
  async bodies(count: number): Promise<string[]> {
    const bodies: string[] = [];
    while (bodies.length < count) bodies.push((await this.next('MESSAGE')).body.toString());
    return bodies;
  }

  /** Sends a frame with a receipt and waits for that, passing over MESSAGEs, which stay in `received`. */
  async asked(command: string, headers: HeaderLines = {}, body = ''): Promise<Frame> {
    const receipt = headers['receipt'] ?? `asked-${this.received.length}-${this.#read}`;
    this.send(command, { ...headers, receipt }, body);
    const isAnswer = (frame: Frame) => frame.command === 'RECEIPT' && frame.headers.get('receipt-id') === receipt;
    await this.until(() => this.received.slice(this.#read).some(isAnswer), `RECEIPT ${receipt}`);
    const at = this.received.findIndex((frame, index) => index >= this.#read && isAnswer(frame));
    return this.received.splice(at, 1)[0] as Frame;
  }

  /** Waits for `condition`, asked again whenever something arrives; fails when the connection ends first. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const timer = setTimeout(() => this.#wake(), patienceMs);
    const startedAt = Date.now();
    try {
      while (!condition()) {
        if (this.#ending !== undefined) throw new Error(`ended (${this.#ending.code}) before ${what}: ${this.tail()}`);
        if (Date.now() - startedAt >= patienceMs) throw new Error(`no ${what} came: ${this.tail()}`);
        await new Promise<void>((resolve) => this.#wakeUps.push(resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** The last frames, for messages of failed tests. */
  tail(): string {
    return this.received.slice(-3).map(describe).join(' | ') || 'no frame';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.wire?.destroy();
    await this.ended;
  }

  #octets(chunk: Buffer): void {
    this.#decoder.write(Buffer.from(chunk), {
      frame: (frame) => {
        this.received.push({ ...frame, body: Buffer.from(frame.body) });
      },
      heartbeat: () => {
        this.heartbeats++;
      },
    });
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#wakeUps;
    this.#wakeUps = [];
    for (const wakeUp of waiting) wakeUp();
  }
}

export function describe(frame: Frame): string {
  return `${frame.command} ${JSON.stringify(Object.fromEntries(frame.headers))} ${frame.body.toString('utf8', 0, 80)}`;
}
