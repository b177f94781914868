import { AppError } from '../core/errors.js';
import { addRows, type Columns, createColumns, giveUpRows, moveRows } from './column.js';
import { SessionVectors } from './session-vectors.js';

/** Messages of one publisher session to one destination, and how far each subscriber has come in them. */
export interface Stream {
  readonly publisher: number;
  readonly epoch: number;
  readonly destination: number;
  /** Nothing is known of messages with this sequence minus 1, or a higher one. */
  known: number;
  /** All messages with a lower sequence minus 1 are forgotten. */
  firstKept: number;
  /** Where in the table of places that of the first message stands. */
  firstPlace: number;
  /** How many subscribers its destination has; each has a slot. */
  readonly slots: number;
  /** Row of slot 0 in the table of progress; one row for each slot follows. */
  readonly firstProgress: number;
}

/** Of each message by stream and sequence: its row plus 1, 0 while nothing is known of it. */
const placeKinds = { place: 'uint32' } as const;
/** In the place of a message that is forgotten: this and the number of its vector of sessions. */
const forgottenBit = 0x8000_0000;
/** Most sessions are too short for more messages than this. */
const firstPlaces = 8;

/** The row of a message that is forgotten. */
export const forgottenRow = -2;

/** Bits of the `state` column. */
export const messageState = { published: 1, held: 2 } as const;
/** Bits of a pair's `flags`. */
export const pairFlag = { arrived: 1, recovered: 2, reordered: 4 } as const;

const messageKinds = {
  stream: 'uint32',
  sequence: 'uint32',
  /** First of its pairs in the table of pairs; one pair for each slot follows. */
  firstPair: 'uint32',
  state: 'uint8',
  /** 0 when no settlement came: indeterminate. */
  outcome: 'uint8',
  intendedAtMicros: 'float64',
  writtenAtMicros: 'float64',
  settledAtMicros: 'float64',
} as const;

const pairKinds = { arrivedAtMicros: 'float64', session: 'uint16', flags: 'uint8' } as const;

/** The highest sequence that arrived first in a session, and that session. */
const progressKinds = { sequence: 'uint32', session: 'uint16' } as const;

const duplicateKinds = { row: 'int32', kind: 'uint8', atMicros: 'float64' } as const;

/** How an arrival relates to the first one of its pair; the number of each stands in the column `kind`. */
export const kindsOfDuplicate = ['sameSession', 'acrossSessions', 'redelivered'] as const;
export type KindOfDuplicate = (typeof kindsOfDuplicate)[number];

export type MessageColumns = Columns<keyof typeof messageKinds>['of'];
export type PairColumns = Columns<keyof typeof pairKinds>['of'];
export type ProgressColumns = Columns<keyof typeof progressKinds>['of'];
export type DuplicateColumns = Columns<keyof typeof duplicateKinds>;

/** Those that are not forgotten, 11 bytes each: 1.5 GB at the limit, past which a run is refused with an AppError. */
const maxPairs = 1 << 27;
const maxMessages = 1 << 25;
/** Four bytes each, also of messages that are forgotten; a stream that outgrows its places leaves them behind. */
const maxPlaces = 1 << 28;
/** Sequences and epochs beyond are no work of ours: the stamp holds an epoch in 16 bits. */
const maxSequence = 1 << 24;
const maxEpoch = 0xffff;

/**
 * Every message that was published or arrived, and every pair (message, subscriber), in columns: 5,000,000 pairs take
 * about 55 MB. A message that arrived before its publish was reported has a row without the bit `published`.
 *
 * Of a message that is forgotten only the session stays in which each subscriber got it: a copy that comes later is
 * still known for what it is.
 */
export class MessageTable {
  readonly streams: Stream[] = [];
  readonly #size: { readonly publishers: number; readonly subscribers: readonly number[] };
  readonly #messages = createColumns(messageKinds, maxMessages);
  readonly #pairs = createColumns(pairKinds, maxPairs);
  readonly #progress = createColumns(progressKinds, maxPairs);
  readonly #places = createColumns(placeKinds, maxPlaces);
  readonly #duplicates = createColumns(duplicateKinds, maxMessages);
  /** Numbers of streams, by epoch, of each publisher and destination. */
  readonly #numbers = new Map<number, number[]>();
  /** By destination. */
  readonly #vectors: readonly SessionVectors[];

  /** @param size with the number of subscribers of each destination */
  constructor(size: { readonly publishers: number; readonly subscribers: readonly number[] }) {
    this.#size = size;
    this.#vectors = size.subscribers.map((slots) => new SessionVectors(slots));
  }

  /** Number of messages that are not forgotten. */
  rows(): number {
    return this.#messages.rows;
  }

  /** Columns are replaced when they grow: read them anew after every call of `rowOf`. */
  messages(): MessageColumns {
    return this.#messages.of;
  }

  pairs(): PairColumns {
    return this.#pairs.of;
  }

  /** How far each subscriber has come in each stream. */
  progress(): ProgressColumns {
    return this.#progress.of;
  }

  /** Every duplicate: of which message, `forgottenRow` of one that is forgotten, and when it came. */
  duplicates(): DuplicateColumns {
    return this.#duplicates;
  }

  noteDuplicate(row: number, kind: KindOfDuplicate, atMicros: number): void {
    const index = addRows(this.#duplicates, this.#duplicates.of.row.length, 1);
    const { of } = this.#duplicates;
    of.row[index] = row;
    of.kind[index] = kindsOfDuplicate.indexOf(kind);
    of.atMicros[index] = atMicros;
  }

  /** The stream; undefined when the ids cannot be any of the plan's. */
  streamOf(publisher: number, epoch: number, destination: number): Stream | undefined {
    const { publishers, subscribers } = this.#size;
    if (publisher >= publishers || destination >= subscribers.length || epoch > maxEpoch) return undefined;
    return this.streams[this.#numberOf(publisher, epoch, destination)];
  }

  /** The row of a message, made when it is new; -1 when the sequence cannot be one of ours, or `forgottenRow`. */
  rowOf(stream: Stream, sequence: number): number {
    if (sequence < 1 || sequence > maxSequence) return -1;
    if (sequence > stream.known) this.#makeKnown(stream, sequence);
    const known = this.rowAt(stream, sequence - 1);
    return known === -1 ? this.#addMessage(stream, sequence) : known;
  }

  /** The row of the message with that sequence minus 1; -1 while nothing is known of it, `forgottenRow` afterwards. */
  rowAt(stream: Stream, index: number): number {
    if (index >= stream.known) return -1;
    const place = this.#places.of.place[stream.firstPlace + index] as number;
    return place >= forgottenBit ? forgottenRow : place - 1;
  }

  /** In which session a forgotten message arrived first. */
  sessionOfForgotten(stream: Stream, sequence: number, slot: number): number {
    const vector = (this.#places.of.place[stream.firstPlace + sequence - 1] as number) - forgottenBit;
    return this.#vectorsOf(stream).sessionOf(vector, slot);
  }

  /**
   * Forgets messages, all of whose subscribers got them. The others move together and keep their order.
   * @param isGone by row, 1 for those to be forgotten
   * @returns the new row of each row; `forgottenRow` for those that are gone
   */
  forget(isGone: Uint8Array): Int32Array {
    const rows = this.rows();
    const movedTo = new Int32Array(rows).fill(forgottenRow);
    let kept = 0;
    for (let row = 0; row < rows; ) {
      let end = row;
      while (end < rows && isGone[end] === isGone[row]) end++;
      if (isGone[row] === 1) for (let gone = row; gone < end; gone++) this.#forgetMessage(gone);
      else {
        for (let each = row; each < end; each++) movedTo[each] = kept + each - row;
        this.#moveMessages(kept, row, end);
        kept += end - row;
      }
      row = end;
    }
    giveUpRows(this.#pairs, this.#pairEndOf(kept));
    giveUpRows(this.#messages, kept);
    this.#moveDuplicates(movedTo);
    return movedTo;
  }

  #numberOf(publisher: number, epoch: number, destination: number): number {
    const { subscribers } = this.#size;
    const key = publisher * subscribers.length + destination;
    const byEpoch = this.#numbers.get(key) ?? [];
    const known = byEpoch[epoch];
    if (known !== undefined) return known;
    this.#numbers.set(key, byEpoch);
    const slots = subscribers[destination] ?? 0;
    const firstProgress = addRows(this.#progress, this.#progress.of.session.length, slots);
    byEpoch[epoch] = this.streams.length;
    const nothing = { known: 0, firstKept: 0, firstPlace: 0 };
    return this.streams.push({ publisher, epoch, destination, slots, firstProgress, ...nothing }) - 1;
  }

  #addMessage(stream: Stream, sequence: number): number {
    const row = addRows(this.#messages, this.#messages.of.stream.length, 1);
    const { of } = this.#messages;
    of.stream[row] = this.#numberOf(stream.publisher, stream.epoch, stream.destination);
    of.sequence[row] = sequence;
    of.firstPair[row] = addRows(this.#pairs, this.#pairs.of.flags.length, stream.slots);
    this.#setPlace(stream, sequence, row + 1);
    return row;
  }

  #streamAt(row: number): Stream {
    return this.streams[this.#messages.of.stream[row] as number] as Stream;
  }

  #vectorsOf({ destination }: Stream): SessionVectors {
    return this.#vectors[destination] as SessionVectors;
  }

  #forgetMessage(row: number): void {
    const stream = this.#streamAt(row);
    const { sequence, firstPair } = this.#messages.of;
    const vector = this.#vectorsOf(stream).keep(this.#pairs.of.session, firstPair[row] as number);
    this.#setPlace(stream, sequence[row] as number, forgottenBit + vector);
    while (this.rowAt(stream, stream.firstKept) === forgottenRow) stream.firstKept++;
  }

  /** Moves the rows from `from` up to `end`, with their pairs, down to `to`; both tables have the same order. */
  #moveMessages(to: number, from: number, end: number): void {
    const { firstPair, sequence } = this.#messages.of;
    const [pairFrom, pairTo] = [firstPair[from] as number, this.#pairEndOf(to)];
    moveRows(this.#pairs, pairTo, pairFrom, this.#pairEndOf(end) - pairFrom);
    moveRows(this.#messages, to, from, end - from);
    for (let row = to; row < to + end - from; row++) {
      firstPair[row] = (firstPair[row] as number) - (pairFrom - pairTo);
      this.#setPlace(this.#streamAt(row), sequence[row] as number, row + 1);
    }
  }

  /** Where the pairs of the row before this one end. */
  #pairEndOf(row: number): number {
    return row === 0 ? 0 : (this.#messages.of.firstPair[row - 1] as number) + this.#streamAt(row - 1).slots;
  }

  #setPlace(stream: Stream, sequence: number, place: number): void {
    this.#places.of.place[stream.firstPlace + sequence - 1] = place;
  }

  /** Gives a stream places for its messages up to that one, and beyond it. */
  #makeKnown(stream: Stream, sequence: number): void {
    const known = Math.max(firstPlaces, sequence, stream.known * 2);
    const firstPlace = addRows(this.#places, this.#places.of.place.length, known);
    this.#places.of.place.copyWithin(firstPlace, stream.firstPlace, stream.firstPlace + stream.known);
    stream.known = known;
    stream.firstPlace = firstPlace;
  }

  #moveDuplicates(movedTo: Int32Array): void {
    const { of, rows } = this.#duplicates;
    for (let i = 0; i < rows; i++) of.row[i] = movedTo[of.row[i] as number] ?? forgottenRow;
  }
}

/** Throws for the row of a published message that cannot have one: the worker numbered it out of every bound. */
export function requireRow(row: number): number {
  if (row !== -1) return row;
  throw new AppError('internal', `A publisher sent more than ${maxSequence} messages in one session.`, {
    hint: 'Shorten the run, or spread the rate over more publishers.',
  });
}
