import { nowMs } from '../core/clock.js';
import type { BrokerMessage, Position } from './broker.js';
import { Shelf } from './shelf.js';

export interface HistoryLimits {
  readonly maxMessagesPerDestination: number;
  /** Of memory taken, as in `maxBytes`. */
  readonly maxBytesPerDestination: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Of those to which nobody listens. */
  readonly maxDestinations: number;
}

export const defaultHistoryLimits: HistoryLimits = {
  maxMessagesPerDestination: 1_000,
  maxBytesPerDestination: 4 * 1_048_576,
  maxBytes: 128 * 1_048_576,
  maxAgeMs: 5 * 60_000,
  maxDestinations: 10_000,
};

/**
 * A bounded memory of each destination's last messages, from which a subscriber gets all that it
 * missed, or nothing. Every destination has an epoch (one life of this memory) and dense offsets.
 * When a bound is reached the oldest messages go first, and with too little memory all those of the destination that
 * has been silent longest. Its place stays as long as somebody listens: where that were lost, the next message would look
 * to them like one after a hole. Of the others at most so many are remembered; one that was forgotten starts a new epoch,
 * so that nobody is told "recovered" about a hole.
 */
export class History {
  readonly #limits: HistoryLimits;
  readonly #life: string;
  readonly #shelves = new Map<string, Shelf>();
  /** Those that hold messages; like `#idle` in the order in which they were used last. */
  readonly #filled = new Set<Shelf>();
  /** Those to which nobody listens. */
  readonly #idle = new Set<Shelf>();
  #shelvesMade = 0;
  #bytes = 0;

  /** @param life names this memory; two lives must never share it */
  constructor(life: string, limits: HistoryLimits) {
    this.#life = life;
    this.#limits = limits;
  }

  /** Keeps a copy and gives the message its position; the body of what it returns is the one that it was given. */
  append(message: Omit<BrokerMessage, 'position'>): BrokerMessage {
    const shelf = this.#shelfOf(message.destination);
    const atMs = nowMs();
    this.#dropOld(shelf, atMs);
    const before = shelf.bytes;
    shelf.append(message, atMs, {
      maxMessages: this.#limits.maxMessagesPerDestination,
      maxBytes: this.#limits.maxBytesPerDestination,
    });
    this.#bytes += shelf.bytes - before;
    if (this.#idle.has(shelf)) renew(this.#idle, shelf);
    renew(this.#filled, shelf);
    this.#trim();
    return { ...message, position: shelf.position };
  }

  /** Somebody listens from now on. @returns the position of the last message, also when there was none yet */
  hold(destination: string): Position {
    const shelf = this.#shelfOf(destination);
    this.#idle.delete(shelf);
    return shelf.position;
  }

  /** Nobody listens any more. */
  release(destination: string): void {
    const shelf = this.#shelves.get(destination);
    if (shelf !== undefined) renew(this.#idle, shelf);
    this.#trim();
  }

  /** The position of the last message of a destination, also when there was none yet. */
  positionOf(destination: string): Position {
    const { position } = this.#shelfOf(destination);
    this.#trim();
    return position;
  }

  /** All messages after `since`, oldest first, or undefined when one of them is gone. */
  after(destination: string, since: Position): readonly BrokerMessage[] | undefined {
    const shelf = this.#shelves.get(destination);
    if (shelf === undefined || shelf.epoch !== since.epoch) return undefined;
    this.#dropOld(shelf, nowMs());
    return shelf.after(since.offset);
  }

  /**
   * Gives back the memory of all messages that are too old, also of destinations that nobody sends to any more.
   * Their positions stay: who has missed nothing is still told so.
   */
  dropOld(): void {
    const now = nowMs();
    for (const shelf of this.#shelves.values()) this.#dropOld(shelf, now);
  }

  /** Memory that it takes. */
  get bytes(): number {
    return this.#bytes;
  }

  #shelfOf(destination: string): Shelf {
    let shelf = this.#shelves.get(destination);
    if (shelf === undefined) {
      this.#shelvesMade++;
      shelf = new Shelf(destination, `${this.#life}.${this.#shelvesMade}`);
      this.#shelves.set(shelf.destination, shelf);
      this.#idle.add(shelf);
      this.#bytes += shelf.bytes;
    }
    return shelf;
  }

  #dropOld(shelf: Shelf, now: number): void {
    const before = shelf.bytes;
    shelf.dropBefore(now - this.#limits.maxAgeMs);
    this.#bytes += shelf.bytes - before;
    if (shelf.size === 0) this.#filled.delete(shelf);
  }

  #trim(): void {
    const { maxBytes, maxDestinations } = this.#limits;
    while (this.#bytes > maxBytes && this.#filled.size > 1) this.#empty(oldestOf(this.#filled));
    const isTooMuch = (): boolean => this.#bytes > maxBytes && this.#idle.size > 1;
    while (this.#idle.size > maxDestinations || isTooMuch()) this.#remove(oldestOf(this.#idle));
  }

  #empty(shelf: Shelf): void {
    const before = shelf.bytes;
    shelf.clear();
    this.#bytes += shelf.bytes - before;
    this.#filled.delete(shelf);
  }

  #remove(shelf: Shelf): void {
    this.#empty(shelf);
    this.#idle.delete(shelf);
    this.#shelves.delete(shelf.destination);
    this.#bytes -= shelf.bytes;
  }
}

/** A Set keeps the order of insertion: what is added anew is the youngest. */
function renew(shelves: Set<Shelf>, shelf: Shelf): void {
  shelves.delete(shelf);
  shelves.add(shelf);
}

/** Of some. */
function oldestOf(shelves: ReadonlySet<Shelf>): Shelf {
  const [oldest] = shelves;
  return oldest as Shelf;
}
