import type { StompVersion } from './frame.js';
import type { CodecLimits } from './limits.js';
import { octet } from './octet.js';
import { limitExceeded, ProtocolError } from './protocol-error.js';

/** Octets that the scanner must look at; all others are passed over at one table look-up each. */
const isSpecial = new Uint8Array(256).fill(1, 0x80);
for (const code of [octet.nul, octet.lineFeed, octet.carriageReturn, octet.colon, octet.backslash]) isSpecial[code] = 1;

/**
 * Finds the end of a frame's head (command line, header lines, blank line) and notes where its lines and
 * colons are. It can stop after any octet and go on later. Every fault is bound to the octet at which it
 * shows, so that the cutting of the stream into chunks never changes the outcome [F13].
 *
 * All offsets are relative to the first octet of the head.
 */
export class HeadScanner {
  readonly #limits: CodecLimits;
  /** Colon (0 if none) and end (the line feed) of each header line. Reused from frame to frame. */
  readonly marks: number[] = [];
  headerCount = 0;
  /** Where the command ends, without its end of line. */
  commandEnd = 0;
  /** Where the first header line begins; 0 until the command line is complete. */
  headersStart = 0;
  hasBackslash = false;
  hasCarriageReturn = false;
  /** Some octet is above 0x7f. */
  hasNonAscii = false;
  #lineStart = 0;
  #colon = 0;

  constructor(limits: CodecLimits) {
    this.#limits = limits;
  }

  /** Prepares for the next head. */
  reset(): void {
    this.headerCount = 0;
    this.commandEnd = 0;
    this.headersStart = 0;
    this.hasBackslash = false;
    this.hasCarriageReturn = false;
    this.hasNonAscii = false;
    this.#lineStart = 0;
    this.#colon = 0;
  }

  /**
   * Looks at `bytes[base + from, base + to)`, the octets before `from` being known already.
   *
   * @returns the offset just after the blank line, or -1 if the head is not complete.
   * @throws ProtocolError for an exceeded limit, a bad command, or a NUL among the headers.
   */
  scan(bytes: Buffer, base: number, from: number, to: number, version: StompVersion): number {
    let at = from;
    while (at < to) {
      // One octet more than a line may have: the carriage return before the line feed does not count.
      const lineStop = this.#lineStop();
      const stop = Math.min(lineStop, to);
      at = this.#scanLine(bytes, base, at, stop);
      if (at < stop) {
        if (this.#endLine(bytes, base, at, version)) return at + 1;
        at += 1;
        this.#lineStart = at;
        this.#colon = 0;
      } else if (at === lineStop) {
        throw this.#tooLong(at);
      }
    }
    return -1;
  }

  /** The offset of the next line feed, or `stop`. */
  #scanLine(bytes: Buffer, base: number, from: number, stop: number): number {
    const end = base + stop;
    for (let i = base + from; i < end; i += 1) {
      const code = bytes[i] as number;
      if (isSpecial[code] === 0) continue;
      if (code === octet.lineFeed) return i - base;
      if (code === octet.colon) {
        if (this.#colon === 0) this.#colon = i - base;
      } else if (code === octet.backslash) this.hasBackslash = true;
      else if (code === octet.carriageReturn) this.hasCarriageReturn = true;
      else if (code === octet.nul)
        throw new ProtocolError('bad-header', 'a NUL octet stands before the end of the headers');
      else this.hasNonAscii = true;
    }
    return stop;
  }

  /** Notes the line that ends at the line feed at `end`. Returns whether it was the blank line. */
  #endLine(bytes: Buffer, base: number, end: number, version: StompVersion): boolean {
    const start = this.#lineStart;
    // CR LF ends a line in 1.2 only [F02]; elsewhere the carriage return belongs to the text.
    const hasReturn = end > start && bytes[base + end - 1] === octet.carriageReturn && version === '1.2';
    const textEnd = hasReturn ? end - 1 : end;
    const limits = this.#limits;
    if (this.headersStart === 0) {
      if (textEnd > limits.maxCommandBytes) throw limitExceeded(limits, 'maxCommandBytes');
      checkCommand(bytes, base, base + textEnd);
      this.commandEnd = textEnd;
      this.headersStart = end + 1;
      return false;
    }
    if (textEnd === start) return true;
    if (textEnd - start > limits.maxHeaderLineBytes) throw limitExceeded(limits, 'maxHeaderLineBytes');
    if (end + 1 - this.headersStart > limits.maxHeaderBlockBytes) throw limitExceeded(limits, 'maxHeaderBlockBytes');
    if (this.headerCount === limits.maxHeaders) throw limitExceeded(limits, 'maxHeaders');
    const mark = 2 * this.headerCount;
    this.marks[mark] = this.#colon;
    this.marks[mark + 1] = end;
    this.headerCount += 1;
    return false;
  }

  /** The first offset at which the current line, still without its end, breaks a limit. */
  #lineStop(): number {
    const { maxCommandBytes, maxHeaderLineBytes, maxHeaderBlockBytes } = this.#limits;
    if (this.headersStart === 0) return maxCommandBytes + 2;
    const lineStop = this.#lineStart + maxHeaderLineBytes + 2;
    const blockStop = this.headersStart + maxHeaderBlockBytes + 2;
    return Math.min(lineStop, blockStop);
  }

  #tooLong(at: number): ProtocolError {
    if (this.headersStart === 0) return limitExceeded(this.#limits, 'maxCommandBytes');
    const isLine = at === this.#lineStart + this.#limits.maxHeaderLineBytes + 2;
    return limitExceeded(this.#limits, isLine ? 'maxHeaderLineBytes' : 'maxHeaderBlockBytes');
  }
}

/** Commands are upper-case letters [F04]. Checked before anything else, so that another protocol is noticed early. */
function checkCommand(bytes: Buffer, from: number, to: number): void {
  if (from === to) throw new ProtocolError('bad-command', 'the command is empty');
  for (let i = from; i < to; i += 1) {
    const code = bytes[i] as number;
    if (code < octet.upperA || code > octet.upperZ) {
      throw new ProtocolError('bad-command', 'the command contains something else than upper-case letters');
    }
  }
}
