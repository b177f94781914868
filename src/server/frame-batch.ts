import { noBody } from '../stomp/frame.js';
import { frameBytes, type Outgoing, type SharedTail } from './outgoing.js';

/**
 * The frames that leave one session together. At fan-out thousands of them wait at the same time, and an object for
 * each would have to be moved by every collection of garbage until they are sent: it was nearly half of what
 * clients with different subscription ids cost. So heads and tails are kept apart, and where all frames are
 * for one subscription there is one head for all of them.
 */
export class FrameBatch {
  readonly #tails: SharedTail[] = [];
  #head: Buffer = noBody;
  /** Only where they are not all the same. */
  #heads: Buffer[] | undefined;
  /** Octets of all frames. */
  bytes = 0;

  get length(): number {
    return this.#tails.length;
  }

  get tails(): readonly SharedTail[] {
    return this.#tails;
  }

  add(frame: Outgoing): void {
    const { head, tail } = frame;
    if (this.#tails.length === 0) this.#head = head;
    else if (this.#heads === undefined && head !== this.#head) this.#heads = this.#tails.map(() => this.#head);
    this.#heads?.push(head);
    this.#tails.push(tail);
    this.bytes += frameBytes(frame);
  }

  /** The frame at `index`, which must be there. */
  frame(index: number): Outgoing {
    return { head: this.#headAt(index), tail: this.#tails[index] as SharedTail };
  }

  /** Whether both consist of the very same frames. */
  isSameAs(other: FrameBatch): boolean {
    return this.#head === other.#head && this.#hasTailsOf(other) && this.#hasHeads(other, isSame);
  }

  /** Whether they differ at most in their heads, each of which is as long as its counterpart. */
  isLike(other: FrameBatch): boolean {
    return this.#head.length === other.#head.length && this.#hasTailsOf(other) && this.#hasHeads(other, isAsLong);
  }

  #headAt(index: number): Buffer {
    return this.#heads === undefined ? this.#head : (this.#heads[index] as Buffer);
  }

  #hasTailsOf(other: FrameBatch): boolean {
    const [tails, others] = [this.#tails, other.#tails];
    if (tails.length !== others.length) return false;
    for (let i = 0; i < tails.length; i++) if (tails[i] !== others[i]) return false;
    return true;
  }

  #hasHeads(other: FrameBatch, matches: (one: Buffer, other: Buffer) => boolean): boolean {
    if (this.#heads === undefined && other.#heads === undefined) return matches(this.#head, other.#head);
    for (let i = 0; i < this.length; i++) if (!matches(this.#headAt(i), other.#headAt(i))) return false;
    return true;
  }
}

const isSame = (one: Buffer, other: Buffer): boolean => one === other;
const isAsLong = (one: Buffer, other: Buffer): boolean => one.length === other.length;
