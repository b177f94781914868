import { nowMs } from '../core/clock.js';
import type { BrokerMessage, Position } from './broker.js';
import { Shelf } from './shelf.js';

export interface HistoryLimits {
  readonly maxMessagesPerDestination: number;
  /** Of memory taken, as in `maxBytes`. */
  readonly maxBytesPerDestination: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
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
 * When a bound is reached the oldest messages go first, and with too many destinations the one that
 * has been silent longest goes whole: its next message starts a new epoch, so that nobody is told
 * "recovered" about a hole.
 */
export class History {
  readonly #limits: HistoryLimits;
  readonly #life: string;
  readonly #shelves = new Map<string, Shelf>();
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
    // A Map keeps insertion order: re-inserting moves the shelf to the young end.
    this.#shelves.delete(shelf.destination);
    this.#shelves.set(shelf.destination, shelf);
    this.#trimWhole();
    return { ...message, position: shelf.position };
  }

  /** The position of the last message of a destination, also when there was none yet. */
  positionOf(destination: string): Position {
    return this.#shelfOf(destination).position;
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
      this.#bytes += shelf.bytes;
      this.#trimWhole();
    }
    return shelf;
  }

  #dropOld(shelf: Shelf, now: number): void {
    const before = shelf.bytes;
    shelf.dropBefore(now - this.#limits.maxAgeMs);
    this.#bytes += shelf.bytes - before;
  }

  #trimWhole(): void {
    while (this.#shelves.size > this.#limits.maxDestinations || this.#bytes > this.#limits.maxBytes) {
      const oldest = this.#shelves.entries().next().value;
      if (oldest === undefined || this.#shelves.size === 1) return;
      this.#bytes -= oldest[1].bytes;
      this.#shelves.delete(oldest[0]);
    }
  }
}
