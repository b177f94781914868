import type { Socket } from 'node:net';

type DataListener = (this: Socket, chunk: Buffer) => void;

/** Who gets the payloads, each `bytes[from, to)`, valid during the call. */
export interface PayloadSink {
  /** Bytes came from the peer, whatever they are. */
  touched(): void;
  payload(bytes: Buffer, from: number, to: number): void;
}

const finalBit = 0x80;
const lengthIn16Bits = 126;
const lengthIn64Bits = 127;
const none: Buffer = Buffer.alloc(0);

/**
 * Stands between a client's socket and `ws`, and takes out the usual frames: whole data messages,
 * unmasked and unfragmented [RFC 6455, 5.2]. They are read where they lie in the chunk, for a third of what
 * the general receiver costs, which is most of the CPU of a client that gets many small messages. Control
 * frames go on to `ws`, which answers pings; with the first frame that is anything else, a close among
 * them, it steps aside for good, so that there is one place only where such things are understood.
 */
export class FrameTap {
  readonly #socket: Socket;
  readonly #sink: PayloadSink;
  readonly #theirs: DataListener;
  /** The begin of a frame whose rest has not come. */
  #held: Buffer = none;

  private constructor(socket: Socket, theirs: DataListener, sink: PayloadSink) {
    this.#socket = socket;
    this.#theirs = theirs;
    this.#sink = sink;
  }

  /** To be called when `ws` says 'open', before anything was read. Does nothing where `ws` is not the only reader. */
  static install(socket: Socket, sink: PayloadSink): void {
    const [theirs, ...others] = socket.listeners('data') as DataListener[];
    if (theirs === undefined || others.length > 0) return;
    const tap = new FrameTap(socket, theirs, sink);
    socket.removeListener('data', theirs);
    socket.on('data', tap.#read);
  }

  readonly #read = (chunk: Buffer): void => {
    this.#sink.touched();
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const end = frameEnd(bytes, at);
      if (end < 0) return this.#stepAside(bytes, at);
      if (end === 0 || end > bytes.length) break;
      const opcode = (bytes[at] as number) & 0x0f;
      if (opcode > 2) this.#theirs.call(this.#socket, bytes.subarray(at, end));
      else this.#sink.payload(bytes, at + headBytes(bytes[at + 1] as number), end);
      at = end;
    }
    // A copy, because a small rest would keep the whole chunk alive; less than 64 KiB, since longer frames are not usual.
    this.#held = at === bytes.length ? none : Buffer.from(bytes.subarray(at));
  };

  #stepAside(bytes: Buffer, at: number): void {
    this.#held = none;
    this.#socket.removeListener('data', this.#read);
    this.#socket.on('data', this.#theirs);
    this.#theirs.call(this.#socket, bytes.subarray(at));
  }
}

/** Of a frame that `frameEnd` accepted. */
function headBytes(length: number): number {
  return length === lengthIn16Bits ? 4 : 2;
}

/** Where the frame at `at` ends, 0 when that cannot be told yet, -1 when it is not a usual one. */
function frameEnd(bytes: Buffer, at: number): number {
  const first = bytes[at] as number;
  const isData = first === (finalBit | 1) || first === (finalBit | 2);
  const isPing = first === (finalBit | 9) || first === (finalBit | 10);
  if (!isData && !isPing) return -1;
  if (at + 2 > bytes.length) return 0;
  const length = bytes[at + 1] as number;
  // A mask shows as a length above 127; a server must not mask, and `ws` will say so.
  if (length >= lengthIn64Bits || (isPing && length >= lengthIn16Bits)) return -1;
  if (length < lengthIn16Bits) return at + 2 + length;
  if (at + 4 > bytes.length) return 0;
  return at + 4 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
}
