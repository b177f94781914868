import { isConnecting, mayHaveBody } from './command.js';
import { type Frame, FrameHeaders, noBody, type StompVersion } from './frame.js';
import { parseHead } from './head.js';
import { HeadScanner } from './head-scanner.js';
import { HeldBytes } from './held-bytes.js';
import { type CodecLimits, defaultLimits } from './limits.js';
import { octet } from './octet.js';
import { limitExceeded, ProtocolError } from './protocol-error.js';

/** Who receives what a decoder finds. */
export interface FrameSink {
  /**
   * One whole frame. Its body may be a view of the chunk: who keeps it beyond this call, while the chunk's
   * memory is used again, must copy it. May set `version` or call `stop()` on the decoder.
   */
  frame(frame: Frame): void;
  /** One end of line between two frames [F03, H04], also the customary one directly after a frame. */
  heartbeat?(): void;
}

/** Head octets are taken over in pieces of this size, so that a large chunk is not copied for a small rest of a head. */
const headPieceBytes = 1024;
/** The body ends at the first NUL, because its length was not announced. */
const untilNul = -1;
const maxContentLengthDigits = 10;

/**
 * Octets to frames, however the octets are cut into chunks [F13]. Whole frames inside one chunk are decoded
 * in place without copying; of an unfinished frame never more is held than the limits allow. Pure: no
 * clock, no socket; the age of an unfinished frame is the caller's to watch, by `pendingBytes`.
 */
export class FrameDecoder {
  /**
   * The version whose rules apply from the next frame on. Before CONNECT it is 1.2, the one that accepts
   * both ends of lines; CONNECT, STOMP and CONNECTED are never unescaped whatever it is [E04].
   */
  version: StompVersion;
  #limits: CodecLimits;
  #scanner: HeadScanner;
  readonly #held = new HeldBytes();
  #state: 'between' | 'head' | 'body' | 'stopped' = 'between';
  #failure: unknown;
  /** A carriage return between frames waits for its line feed. */
  #isReturnPending = false;
  #frameVersion: StompVersion;
  #headBytes = 0;
  #command = '';
  #headers = FrameHeaders.none;
  /** Octets of the body, or `untilNul`. */
  #bodyBytes = 0;

  constructor(options: { readonly limits?: CodecLimits; readonly version?: StompVersion } = {}) {
    this.version = options.version ?? '1.2';
    this.#frameVersion = this.version;
    this.#limits = options.limits ?? defaultLimits;
    this.#scanner = new HeadScanner(this.#limits);
  }

  /** Other limits from the next frame on: a stranger's first frame may be held to smaller ones than what follows. */
  setLimits(limits: CodecLimits): void {
    this.#limits = limits;
    this.#scanner = new HeadScanner(limits);
  }

  /** Octets of the unfinished frame received so far; 0 between frames. */
  get pendingBytes(): number {
    if (this.#state === 'body') return this.#headBytes + this.#held.length;
    return this.#held.length + (this.#isReturnPending ? 1 : 0);
  }

  /** Ignores everything from now on, the rest of the current chunk included [R05]. */
  stop(): void {
    this.#state = 'stopped';
    this.#isReturnPending = false;
    this.#held.clear();
  }

  /**
   * Decodes a chunk and hands every frame that it completes to the sink, in order.
   *
   * @throws ProtocolError at the first fault, after the frames before it; every later call throws it again.
   * What a sink throws passes through and ends the decoder likewise.
   */
  write(chunk: Buffer, sink: FrameSink): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      let at = 0;
      while (at < chunk.length) at = this.#step(chunk, at, sink);
    } catch (error) {
      this.stop();
      this.#failure = error;
      throw error;
    }
  }

  /** Goes on at `at` by one stage of a frame; returns how far it came. */
  #step(chunk: Buffer, at: number, sink: FrameSink): number {
    switch (this.#state) {
      case 'between':
        return this.#betweenFrames(chunk, at, sink);
      case 'head':
        return this.#continueHead(chunk, at);
      case 'body':
        return this.#held.length === 0 ? this.#beginBody(chunk, at, sink) : this.#continueBody(chunk, at, sink);
      case 'stopped':
        return chunk.length;
    }
  }

  #betweenFrames(chunk: Buffer, at: number, sink: FrameSink): number {
    const code = chunk[at];
    if (code === octet.lineFeed) {
      this.#isReturnPending = false;
      sink.heartbeat?.();
      return at + 1;
    }
    if (this.#isReturnPending) throw new ProtocolError('bad-command', 'a carriage return stands alone between frames');
    if (code === octet.carriageReturn && this.version === '1.2') {
      this.#isReturnPending = true;
      return at + 1;
    }
    return this.#beginHead(chunk, at);
  }

  #beginHead(chunk: Buffer, at: number): number {
    this.#frameVersion = this.version;
    this.#scanner.reset();
    const length = this.#scanner.scan(chunk, at, 0, chunk.length - at, this.#frameVersion);
    if (length < 0) {
      this.#state = 'head';
      this.#held.append(chunk, at, chunk.length, this.#maxHeadBytes());
      return chunk.length;
    }
    this.#endHead(chunk, at, length);
    return at + length;
  }

  #continueHead(chunk: Buffer, at: number): number {
    const held = this.#held;
    const before = held.length;
    const pieceEnd = Math.min(chunk.length, at + headPieceBytes);
    held.append(chunk, at, pieceEnd, this.#maxHeadBytes());
    const length = this.#scanner.scan(held.bytes, 0, before, held.length, this.#frameVersion);
    if (length < 0) return pieceEnd;
    this.#endHead(held.bytes, 0, length);
    held.clear();
    return at + length - before;
  }

  /** All that a head may hold before the scanner refuses it: each end of a line may be CR LF. */
  #maxHeadBytes(): number {
    return this.#limits.maxCommandBytes + this.#limits.maxHeaderBlockBytes + 4;
  }

  #endHead(bytes: Buffer, base: number, length: number): void {
    const version = this.#frameVersion;
    const { command, headers } = parseHead(bytes, base, length, this.#scanner, version);
    this.#bodyBytes = announcedBytes(headers, this.#limits);
    // 1.0 lets every frame have a body; CONNECT comes before the version is known and is held to the rule [F10].
    if (!mayHaveBody(command) && (version !== '1.0' || isConnecting(command))) {
      if (this.#bodyBytes > 0) throw unexpectedBody();
      this.#bodyBytes = 0;
    }
    this.#command = command;
    this.#headers = headers;
    this.#headBytes = length;
    this.#state = 'body';
  }

  /** The body from its first octet: the usual case, in which the chunk holds all of it. */
  #beginBody(chunk: Buffer, at: number, sink: FrameSink): number {
    const length = this.#bodyBytes;
    if (length === untilNul) {
      const nul = chunk.indexOf(octet.nul, at);
      if (nul < 0 || nul - at > this.#limits.maxBodyBytes) return this.#continueBody(chunk, at, sink);
      this.#emit(nul === at ? noBody : chunk.subarray(at, nul), sink);
      return nul + 1;
    }
    if (at + length >= chunk.length) return this.#continueBody(chunk, at, sink);
    this.#checkNul(chunk, at + length);
    this.#emit(length === 0 ? noBody : chunk.subarray(at, at + length), sink);
    return at + length + 1;
  }

  #continueBody(chunk: Buffer, at: number, sink: FrameSink): number {
    const held = this.#held;
    const { maxBodyBytes } = this.#limits;
    const length = this.#bodyBytes;
    let end: number;
    if (length === untilNul) {
      const nul = chunk.indexOf(octet.nul, at);
      end = nul < 0 ? chunk.length : nul;
      if (held.length + end - at > maxBodyBytes) throw limitExceeded(this.#limits, 'maxBodyBytes');
    } else {
      end = Math.min(chunk.length, at + length - held.length);
    }
    held.append(chunk, at, end, length === untilNul ? maxBodyBytes : length);
    if (end === chunk.length) return end;
    this.#checkNul(chunk, end);
    this.#emit(held.take(), sink);
    return end + 1;
  }

  #checkNul(chunk: Buffer, at: number): void {
    if (chunk[at] === octet.nul) return;
    if (this.#bodyBytes === 0 && !mayHaveBody(this.#command)) throw unexpectedBody();
    throw new ProtocolError('missing-nul', 'no NUL octet follows the body of the length that content-length announces');
  }

  #emit(body: Buffer, sink: FrameSink): void {
    const frame: Frame = { command: this.#command, headers: this.#headers, body };
    this.#state = 'between';
    this.#headers = FrameHeaders.none;
    sink.frame(frame);
  }
}

/** The octets that content-length announces [F06], refused at once if too many; `untilNul` without that header. */
function announcedBytes(headers: FrameHeaders, limits: CodecLimits): number {
  const value = headers.get('content-length');
  if (value === undefined) return untilNul;
  // Read digit by digit: a regular expression and Number() cost a fifth of the time of a whole small frame.
  let length = 0;
  for (let i = 0; i < value.length; i += 1) {
    const digit = value.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) throw badContentLength();
    length = 10 * length + digit;
  }
  if (value.length === 0 || value.length > maxContentLengthDigits) throw badContentLength();
  if (length > limits.maxBodyBytes) throw limitExceeded(limits, 'maxBodyBytes');
  return length;
}

function badContentLength(): ProtocolError {
  return new ProtocolError('bad-content-length', 'content-length is not a number of 1 to 10 digits');
}

function unexpectedBody(): ProtocolError {
  return new ProtocolError('unexpected-body', 'only SEND, MESSAGE and ERROR frames may have a body');
}
