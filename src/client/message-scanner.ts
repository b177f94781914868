import type { IncomingMessage } from './connection.js';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const colon = 0x3a;
const backslash = 0x5c;
/** The `c` of `\c`. */
const escapedColon = 0x63;
/** The `m` of `message-id`. */
const firstOfMessageId = 0x6d;

const command = Buffer.from('MESSAGE\n', 'latin1');
const subscriptionName = Buffer.from('subscription:', 'latin1');
const epochName = Buffer.from('epoch:', 'latin1');
const offsetName = Buffer.from('offset:', 'latin1');
const redeliveredName = Buffer.from('redelivered:', 'latin1');
const contentLengthName = Buffer.from('content-length:', 'latin1');

/** Not a whole MESSAGE in its usual form: the decoder must look at it. */
export const notUsual = -1;

/** Number of the line's value where it is a plain decimal, else -1. */
function readDecimal(bytes: Buffer, from: number, to: number): number {
  if (from === to || to - from > 15) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] as number) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function matches(bytes: Buffer, at: number, text: Buffer): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text[i]) return false;
  return true;
}

/**
 * Reads MESSAGE frames in place, only the headers that the measurement needs, without making a string
 * or an object for any of them: a client for thousands of users cannot afford the general decoder for
 * each delivery. Whatever is unusual (escapes, carriage returns, a frame cut in two, any other command)
 * it leaves to the decoder, so that there is one place only where such things are understood.
 */
export class MessageScanner {
  /** The epoch of the last message; all messages of a run nearly always have the same. */
  #epochBytes: Buffer = Buffer.alloc(0);
  #epoch = '';

  /**
   * Reads the frame that begins at `at`, of which nothing is known beyond `to`.
   * @param into filled, but for its times; undefined content after `notUsual`
   * @returns where the frame ends, after its NUL, or `notUsual`
   */
  scan(bytes: Buffer, at: number, to: number, into: IncomingMessage): number {
    if (!matches(bytes, at, command)) return notUsual;
    into.subscription = -1;
    into.epoch = undefined;
    into.offset = undefined;
    into.redelivered = false;
    let bodyBytes = -1;
    let start = at + command.length;
    while (bytes[start] !== lineFeed) {
      const end = endOfLine(bytes, start, to);
      if (end < 0) return notUsual;
      // The first letter rules out most lines. Of repeated headers the first wins.
      switch (bytes[start]) {
        case 0x73: // s
          if (into.subscription < 0 && matches(bytes, start, subscriptionName))
            into.subscription = readDecimal(bytes, start + subscriptionName.length, end);
          break;
        case 0x65: // e
          if (into.epoch === undefined && matches(bytes, start, epochName))
            into.epoch = this.#epochOf(bytes, start + epochName.length, end);
          break;
        case 0x6f: // o
          if (into.offset === undefined && matches(bytes, start, offsetName))
            into.offset = readDecimal(bytes, start + offsetName.length, end);
          break;
        case 0x72: // r
          if (matches(bytes, start, redeliveredName)) into.redelivered = bytes[start + redeliveredName.length] === 0x74; // t, of true
          break;
        case 0x63: // c
          if (bodyBytes < 0 && matches(bytes, start, contentLengthName)) {
            bodyBytes = readDecimal(bytes, start + contentLengthName.length, end);
            if (bodyBytes < 0) return notUsual;
          }
          break;
      }
      start = end + 1;
    }
    return endOfBody(bytes, start + 1, to, bodyBytes, into);
  }

  #epochOf(bytes: Buffer, from: number, to: number): string {
    const known = this.#epochBytes;
    if (known.length === to - from && matches(bytes, from, known)) return this.#epoch;
    this.#epochBytes = Buffer.from(bytes.subarray(from, to));
    this.#epoch = this.#epochBytes.toString('utf8');
    return this.#epoch;
  }
}

/** Position of the line feed; -1 when the line is cut, or has something in it that must be decoded, or no colon. */
function endOfLine(bytes: Buffer, from: number, to: number): number {
  // Message ids contain colons, so that an escaped one is usual; the headers that are read here never have one.
  const mayEscape = bytes[from] === firstOfMessageId;
  let hasColon = false;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] as number;
    if (byte > backslash) continue;
    if (byte === lineFeed) return hasColon ? i : -1;
    if (byte === colon) hasColon = true;
    else if (byte === carriageReturn) return -1;
    else if (byte === backslash && !(mayEscape && bytes[i + 1] === escapedColon)) return -1;
  }
  return -1;
}

function endOfBody(bytes: Buffer, from: number, to: number, announced: number, into: IncomingMessage): number {
  const end = announced < 0 ? bytes.indexOf(0, from) : from + announced;
  // Beyond it the rest of the frame is still to come.
  if (end < 0 || end >= to || bytes[end] !== 0) return notUsual;
  into.body = bytes.subarray(from, end);
  return end + 1;
}
