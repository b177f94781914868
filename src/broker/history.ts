import { nowMs } from '../core/clock.js';
import type { BrokerMessage, Position } from './broker.js';
import { messageBytes } from './message-size.js';

export interface HistoryLimits {
  readonly maxMessagesPerDestination: number;
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

interface Kept {
  readonly message: BrokerMessage;
  readonly bytes: number;
  readonly atMs: number;
}

/** What is kept of one destination: offsets first … first + kept.length − 1, without holes. */
interface Shelf {
  readonly epoch: string;
  kept: Kept[];
  /** Index of the oldest message that still counts; the array is cut now and then, not at every push. */
  head: number;
  nextOffset: number;
  bytes: number;
}

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
  constructor(life: string, limits: HistoryLimits = defaultHistoryLimits) {
    this.#life = life;
    this.#limits = limits;
  }

  /** Keeps a copy and gives the message its position. The body may alias a socket's chunk: it is copied. */
  append(message: Omit<BrokerMessage, 'position'>): BrokerMessage {
    const shelf = this.#shelfOf(message.destination);
    const position = { epoch: shelf.epoch, offset: shelf.nextOffset++ };
    const kept: BrokerMessage = { ...message, body: Buffer.from(message.body), position };
    const bytes = messageBytes(kept);
    shelf.kept.push({ message: kept, bytes, atMs: nowMs() });
    shelf.bytes += bytes;
    this.#bytes += bytes;
    // A Map keeps insertion order: re-inserting moves the shelf to the young end.
    this.#shelves.delete(message.destination);
    this.#shelves.set(message.destination, shelf);
    this.#trim(shelf);
    this.#trimWhole();
    return kept;
  }

  /** The position of the last message of a destination, also when there was none yet. */
  positionOf(destination: string): Position {
    const shelf = this.#shelfOf(destination);
    return { epoch: shelf.epoch, offset: shelf.nextOffset - 1 };
  }

  /** All messages after `since`, oldest first, or undefined when one of them is gone. */
  after(destination: string, since: Position): readonly BrokerMessage[] | undefined {
    const shelf = this.#shelves.get(destination);
    if (shelf === undefined || shelf.epoch !== since.epoch) return undefined;
    this.#trim(shelf);
    const firstOffset = shelf.nextOffset - (shelf.kept.length - shelf.head);
    const skip = since.offset + 1 - firstOffset;
    if (skip < 0 || since.offset >= shelf.nextOffset) return undefined;
    return shelf.kept.slice(shelf.head + skip).map((kept) => kept.message);
  }

  get bytes(): number {
    return this.#bytes;
  }

  #shelfOf(destination: string): Shelf {
    let shelf = this.#shelves.get(destination);
    if (shelf === undefined) {
      this.#shelvesMade++;
      shelf = { epoch: `${this.#life}.${this.#shelvesMade}`, kept: [], head: 0, nextOffset: 1, bytes: 0 };
      this.#shelves.set(destination, shelf);
      this.#trimWhole();
    }
    return shelf;
  }

  #trim(shelf: Shelf): void {
    const oldestMs = nowMs() - this.#limits.maxAgeMs;
    while (shelf.head < shelf.kept.length) {
      const tooMany = shelf.kept.length - shelf.head > this.#limits.maxMessagesPerDestination;
      const tooBig = shelf.bytes > this.#limits.maxBytesPerDestination;
      const oldest = shelf.kept[shelf.head] as Kept;
      if (!tooMany && !tooBig && oldest.atMs >= oldestMs) break;
      this.#dropOldest(shelf);
    }
    if (shelf.head > 256 && shelf.head * 2 > shelf.kept.length) {
      shelf.kept = shelf.kept.slice(shelf.head);
      shelf.head = 0;
    }
  }

  #dropOldest(shelf: Shelf): void {
    const { bytes } = shelf.kept[shelf.head] as Kept;
    // The slot is overwritten with the next message so that the dropped body can be freed before the array is cut.
    shelf.kept[shelf.head] = shelf.kept[shelf.kept.length - 1] as Kept;
    shelf.head++;
    shelf.bytes -= bytes;
    this.#bytes -= bytes;
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
