import { noBody } from './frame.js';

const smallestCapacity = 256;

/**
 * Octets of an unfinished frame, copied together. Copied and not listed, because a list of small slices
 * would keep every large receive buffer alive that they were cut from.
 */
export class HeldBytes {
  #bytes: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Everything held; valid until the next `append`. */
  get bytes(): Buffer {
    return this.#bytes ?? noBody;
  }

  /** Adds `source[from, to)`. The capacity doubles but never exceeds `boundBytes`, unless the content does. */
  append(source: Buffer, from: number, to: number, boundBytes: number): void {
    const needed = this.#length + to - from;
    if (this.#bytes === undefined || needed > this.#bytes.length) {
      const doubled = Math.max(smallestCapacity, 2 * this.#length);
      const grown = Buffer.allocUnsafe(Math.max(needed, Math.min(doubled, boundBytes)));
      this.#bytes?.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    source.copy(this.#bytes, this.#length, from, to);
    this.#length = needed;
  }

  /** Hands over what is held and forgets it; the receiver owns the buffer. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.#length);
    this.clear();
    return taken;
  }

  clear(): void {
    this.#bytes = undefined;
    this.#length = 0;
  }
}
