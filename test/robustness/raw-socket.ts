import { connect, type Socket } from 'node:net';

/** Longer than anything here takes. */
const patienceMs = 30_000;

/** A TCP connection on which octets are written and read as they are. */
export class RawSocket implements Disposable {
  received = Buffer.alloc(0);
  isEnded = false;
  readonly #socket: Socket;
  #wake: () => void = () => {};

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    // A reset is an end like others here.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isEnded = true;
      this.#wake();
    });
  }

  write(octets: string | Buffer): void {
    if (this.#socket.writable) this.#socket.write(octets);
  }

  /** Reads no more, until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Resolves with the first value of `read` that is not undefined, asked whenever something arrives. */
  async until<T>(read: () => T | undefined, what: string): Promise<T> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const value = read();
      if (value !== undefined) return value;
      if (Date.now() > deadline)
        throw new Error(`no ${what} came, but ${JSON.stringify(this.received.toString('latin1'))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Resolves when the other side has ended the connection. */
  async ended(): Promise<void> {
    await this.until(() => (this.isEnded ? true : undefined), 'end of the connection');
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** Opens a WebSocket without a library; what comes after the answer is the frames of the server. */
export async function openRawWebSocket(port: number): Promise<RawSocket> {
  const socket = new RawSocket(port);
  const key = Buffer.alloc(16).toString('base64');
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: v12.stomp\r\n\r\n`,
  );
  const headBytes = await socket.until(() => headLength(socket.received), 'answer to the handshake');
  if (!socket.received.toString('latin1').startsWith('HTTP/1.1 101')) throw new Error(socket.received.toString());
  socket.received = socket.received.subarray(headBytes);
  return socket;
}

function headLength(received: Buffer): number | undefined {
  const end = received.indexOf('\r\n\r\n');
  return end < 0 ? undefined : end + 4;
}

/** A frame of the server: never masked, never in fragments. */
export interface ServerFrame {
  readonly code: number;
  readonly payload: Buffer;
}

/** The whole frames among the octets that a server sent. */
export function serverFrames(octets: Buffer): ServerFrame[] {
  const frames: ServerFrame[] = [];
  for (let at = 0; at + 2 <= octets.length; ) {
    const short = (octets[at + 1] as number) & 0x7f;
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (at + headBytes > octets.length) break;
    const length =
      short < 126 ? short : short === 126 ? octets.readUInt16BE(at + 2) : Number(octets.readBigUInt64BE(at + 2));
    const end = at + headBytes + length;
    if (end > octets.length) break;
    frames.push({ code: (octets[at] as number) & 0x0f, payload: octets.subarray(at + headBytes, end) });
    at = end;
  }
  return frames;
}
