import { ownText } from '../core/own-text.js';
import type { BrokerMessage, Position } from './broker.js';
import { decodePayload, payloadHead } from './message-payload.js';

/** What a shelf may hold. */
export interface ShelfLimits {
  readonly maxMessages: number;
  /** Of memory taken, `Shelf.bytes`. */
  readonly maxBytes: number;
}

/** Before each payload stand its length (32 bits) and when it came (64 bits). */
const prefixBytes = 12;
const smallestSegmentBytes = 512;
const largestSegmentBytes = 64 * 1024;
/** What the objects around a segment take, and those around a shelf (measured). */
const segmentOverheadBytes = 320;
const shelfOverheadBytes = 384;

/** A piece of memory of which the first `end` bytes are written, once. */
interface Segment {
  readonly bytes: Buffer;
  end: number;
}

/**
 * What is kept of one destination, oldest first, with dense offsets. Messages stand encoded one after the other in
 * a few pieces of memory, without an object for each: objects, and slices of the text and the chunk that a message
 * came in, took 1.3 KB for a body of 200 bytes. A piece is given back when the youngest of its messages is gone; a new one
 * has a quarter of what the shelf takes, so that no more than that is held by messages that are gone.
 */
export class Shelf {
  readonly destination: string;
  readonly epoch: string;
  #segments: Segment[] = [];
  /** Where in the first segment the oldest message begins. */
  #start = 0;
  #count = 0;
  #nextOffset = 1;
  /** When the oldest message came; Infinity where there is none. */
  #oldestAtMs = Number.POSITIVE_INFINITY;
  #bytes: number;

  constructor(destination: string, epoch: string) {
    this.destination = ownText(destination);
    this.epoch = epoch;
    this.#bytes = shelfOverheadBytes + destination.length;
  }

  /** Memory that it takes, whatever of it is in use. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Messages that it holds. */
  get size(): number {
    return this.#count;
  }

  /** That of the last message, also when there was none yet. */
  get position(): Position {
    return { epoch: this.epoch, offset: this.#nextOffset - 1 };
  }

  /**
   * Keeps a copy as the youngest, and drops the oldest until `limits` hold: all, the new one included, where it is
   * too large by itself.
   * @param atMs by `nowMs`
   */
  append(message: Omit<BrokerMessage, 'position'>, atMs: number, limits: ShelfLimits): void {
    const head = payloadHead(message);
    const headBytes = Buffer.byteLength(head);
    const payloadBytes = headBytes + message.body.length;
    this.#nextOffset++;
    if (payloadBytes > limits.maxBytes) return this.clear();
    const segment = this.#segmentFor(prefixBytes + payloadBytes);
    const { bytes, end } = segment;
    bytes.writeUInt32LE(payloadBytes, end);
    bytes.writeDoubleLE(atMs, end + 4);
    bytes.write(head, end + prefixBytes, headBytes);
    bytes.set(message.body, end + prefixBytes + headBytes);
    segment.end = end + prefixBytes + payloadBytes;
    if (this.#count++ === 0) this.#oldestAtMs = atMs;
    while (this.#count > limits.maxMessages || (this.#bytes > limits.maxBytes && this.#count > 0)) this.#dropOldest();
  }

  /** Drops what came before that moment. */
  dropBefore(atMs: number): void {
    while (this.#oldestAtMs < atMs) this.#dropOldest();
  }

  /** All messages after `offset`, oldest first, or undefined when one of them is gone or was never there. */
  after(offset: number): readonly BrokerMessage[] | undefined {
    const firstOffset = this.#nextOffset - this.#count;
    if (offset + 1 < firstOffset || offset >= this.#nextOffset) return undefined;
    const messages: BrokerMessage[] = [];
    let at = this.#start;
    let next = firstOffset;
    for (const { bytes, end } of this.#segments) {
      while (at < end) {
        const payloadEnd = at + prefixBytes + bytes.readUInt32LE(at);
        if (next > offset) messages.push(this.#read(bytes.subarray(at + prefixBytes, payloadEnd), next));
        next++;
        at = payloadEnd;
      }
      at = 0;
    }
    return messages;
  }

  #read(payload: Buffer, offset: number): BrokerMessage {
    const message = decodePayload(this.destination, payload, { epoch: this.epoch, offset });
    if (message === undefined) throw new Error('a shelf holds what it did not write');
    return message;
  }

  #segmentFor(size: number): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.bytes.length - last.end >= size) return last;
    const usual = Math.min(Math.max(this.#bytes / 4, smallestSegmentBytes), largestSegmentBytes);
    // Few would fit into one of the usual size, and the rest of it would be lost: it gets one to its measure.
    const wanted = size > usual / 4 ? size : Math.ceil(usual);
    // Memory of its own: in Node's pool it would keep alive what has long been sent.
    const segment = { bytes: Buffer.allocUnsafeSlow(wanted), end: 0 };
    this.#segments.push(segment);
    this.#bytes += segment.bytes.length + segmentOverheadBytes;
    return segment;
  }

  #dropOldest(): void {
    const oldest = this.#segments[0] as Segment;
    this.#start += prefixBytes + oldest.bytes.readUInt32LE(this.#start);
    this.#count--;
    if (this.#count === 0) return this.clear();
    if (this.#start === oldest.end) {
      this.#segments.shift();
      this.#bytes -= oldest.bytes.length + segmentOverheadBytes;
      this.#start = 0;
    }
    this.#oldestAtMs = (this.#segments[0] as Segment).bytes.readDoubleLE(this.#start + 4);
  }

  /** Forgets all messages; the place of the last stays. */
  clear(): void {
    this.#segments = [];
    this.#start = 0;
    this.#count = 0;
    this.#oldestAtMs = Number.POSITIVE_INFINITY;
    this.#bytes = shelfOverheadBytes + this.destination.length;
  }
}
