import { AppError } from '../core/errors.js';
import { addRows, type Columns, createColumns, giveUpRows, moveRows } from './column.js';
import { SessionVectors } from './session-vectors.js';

/** Messages of one publisher session to one destination, and how far each subscriber has come in them. */
export interface Stream {
  readonly publisher: number;
  readonly epoch: number;
  readonly destination: number;
  /** Places of messages, by sequence minus 1; see `rowAt`. */
  places: Uint32Array<ArrayBuffer>;
  /** All messages before this index of `places` are forgotten. */
  firstKept: number;
  /** By slot: the highest sequence that arrived first in the session beside it. */
  readonly highest: Uint32Array<ArrayBuffer>;
  readonly highestSession: Uint16Array<ArrayBuffer>;
}

/** What stands in the place of a message of which nothing is known yet, and in that of one that is forgotten. */
const nowhere = 0;
const forgottenBit = 0x8000_0000;

/** The row of a message that is forgotten. */
export const forgottenRow = -2;

/** The row of the message with that sequence minus 1; -1 while nothing is known of it, `forgottenRow` afterwards. */
export function rowAt(stream: Stream, index: number): number {
  const place = stream.places[index] ?? nowhere;
  return place >= forgottenBit ? forgottenRow : place - 1;
}

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

const duplicateKinds = { row: 'int32', kind: 'uint8', atMicros: 'float64' } as const;

/** How an arrival relates to the first one of its pair; the number of each stands in the column `kind`. */
export const kindsOfDuplicate = ['sameSession', 'acrossSessions', 'redelivered'] as const;
export type KindOfDuplicate = (typeof kindsOfDuplicate)[number];

export type MessageColumns = Columns<keyof typeof messageKinds>['of'];
export type PairColumns = Columns<keyof typeof pairKinds>['of'];
export type DuplicateColumns = Columns<keyof typeof duplicateKinds>;

/** Those that are not forgotten, 11 bytes each: 1.5 GB at the limit, past which a run is refused with an AppError. */
const maxPairs = 1 << 27;
const maxMessages = 1 << 25;
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
export interface MessageTable {
  readonly streams: readonly Stream[];
  /** Number of messages. */
  rows(): number;
  /** Columns are replaced when they grow: read them anew after every call of `rowOf`. */
  messages(): MessageColumns;
  pairs(): PairColumns;
  /** Every duplicate: of which message, `forgottenRow` of one that is forgotten, and when it came. */
  readonly duplicates: DuplicateColumns;
  noteDuplicate(row: number, kind: KindOfDuplicate, atMicros: number): void;
  /** The stream; undefined when the ids cannot be any of the plan's. */
  streamOf(publisher: number, epoch: number, destination: number): Stream | undefined;
  /** The row of a message, made when it is new; -1 when the sequence cannot be one of ours, or `forgottenRow`. */
  rowOf(stream: Stream, sequence: number): number;
  /** In which session a forgotten message arrived first. */
  sessionOfForgotten(stream: Stream, sequence: number, slot: number): number;
  /**
   * Forgets messages, all of whose subscribers got them. The others move together and keep their order.
   * @param isGone by row, 1 for those to be forgotten
   * @returns the new row of each row; `forgottenRow` for those that are gone
   */
  forget(isGone: Uint8Array): Int32Array;
}

export function createMessageTable(size: { publishers: number; subscribers: readonly number[] }): MessageTable {
  const messages = createColumns(messageKinds, maxMessages);
  const pairs = createColumns(pairKinds, maxPairs);
  const duplicates = createColumns(duplicateKinds, maxMessages);
  const streams: Stream[] = [];
  const vectors = size.subscribers.map((slots) => new SessionVectors(slots));
  const numbers = new Map<number, number>();

  const numberOf = (publisher: number, epoch: number, destination: number): number => {
    const key = (publisher * size.subscribers.length + destination) * (maxEpoch + 1) + epoch;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const slots = size.subscribers[destination] ?? 0;
    const [highest, highestSession] = [new Uint32Array(slots), new Uint16Array(slots)];
    numbers.set(key, streams.length);
    const places = new Uint32Array(8);
    return streams.push({ publisher, epoch, destination, places, firstKept: 0, highest, highestSession }) - 1;
  };
  const addMessage = (stream: Stream, sequence: number): number => {
    const row = addRows(messages, messages.of.stream.length, 1);
    const slots = stream.highest.length;
    messages.of.stream[row] = numberOf(stream.publisher, stream.epoch, stream.destination);
    messages.of.sequence[row] = sequence;
    messages.of.firstPair[row] = addRows(pairs, pairs.of.flags.length, slots);
    stream.places[sequence - 1] = row + 1;
    return row;
  };
  const forgetMessage = (row: number): void => {
    const stream = streams[messages.of.stream[row] as number] as Stream;
    const vector = vectors[stream.destination]?.keep(pairs.of.session, messages.of.firstPair[row] as number) ?? 0;
    stream.places[(messages.of.sequence[row] as number) - 1] = forgottenBit + vector;
    while (rowAt(stream, stream.firstKept) === forgottenRow) stream.firstKept++;
  };
  /** Moves the rows from `from` up to `end`, with their pairs, down to `to`; both tables have the same order. */
  const moveMessages = (to: number, from: number, end: number): void => {
    const [firstPair, pairsEnd] = [messages.of.firstPair[from] as number, pairEndOf(end)];
    const pairTo = pairEndOf(to);
    moveRows(pairs, pairTo, firstPair, pairsEnd - firstPair);
    moveRows(messages, to, from, end - from);
    for (let row = to; row < to + end - from; row++) {
      messages.of.firstPair[row] = (messages.of.firstPair[row] as number) - (firstPair - pairTo);
      const stream = streams[messages.of.stream[row] as number] as Stream;
      stream.places[(messages.of.sequence[row] as number) - 1] = row + 1;
    }
  };
  /** Where the pairs of the row before this one end. */
  const pairEndOf = (row: number): number =>
    row === 0 ? 0 : (messages.of.firstPair[row - 1] as number) + slotsOf(messages.of.stream[row - 1] as number);
  const slotsOf = (stream: number): number => streams[stream]?.highest.length ?? 0;
  return {
    streams,
    rows: () => messages.rows,
    messages: () => messages.of,
    pairs: () => pairs.of,
    duplicates,
    noteDuplicate(row, kind, atMicros) {
      const index = addRows(duplicates, duplicates.of.row.length, 1);
      duplicates.of.row[index] = row;
      duplicates.of.kind[index] = kindsOfDuplicate.indexOf(kind);
      duplicates.of.atMicros[index] = atMicros;
    },
    streamOf(publisher, epoch, destination) {
      if (publisher >= size.publishers || destination >= size.subscribers.length || epoch > maxEpoch) return undefined;
      return streams[numberOf(publisher, epoch, destination)];
    },
    rowOf(stream, sequence) {
      if (sequence < 1 || sequence > maxSequence) return -1;
      if (sequence > stream.places.length) growPlaces(stream, sequence);
      const known = rowAt(stream, sequence - 1);
      return known === -1 ? addMessage(stream, sequence) : known;
    },
    sessionOfForgotten(stream, sequence, slot) {
      const vector = (stream.places[sequence - 1] as number) - forgottenBit;
      return (vectors[stream.destination] as SessionVectors).sessionOf(vector, slot);
    },
    forget(isGone) {
      const movedTo = new Int32Array(messages.rows);
      let kept = 0;
      for (let row = 0; row < messages.rows; ) {
        let end = row;
        while (end < messages.rows && isGone[end] === isGone[row]) end++;
        if (isGone[row] === 1) {
          for (let gone = row; gone < end; gone++) forgetMessage(gone);
          movedTo.fill(forgottenRow, row, end);
        } else {
          for (let each = row; each < end; each++) movedTo[each] = kept + each - row;
          moveMessages(kept, row, end);
          kept += end - row;
        }
        row = end;
      }
      giveUpRows(pairs, pairEndOf(kept));
      giveUpRows(messages, kept);
      const { row: rowOfDuplicate } = duplicates.of;
      for (let i = 0; i < duplicates.rows; i++) {
        rowOfDuplicate[i] = movedTo[rowOfDuplicate[i] as number] ?? forgottenRow;
      }
      return movedTo;
    },
  };
}

function growPlaces(stream: Stream, sequence: number): void {
  const grown = new Uint32Array(Math.max(sequence, stream.places.length * 2));
  grown.set(stream.places);
  stream.places = grown;
}

/** Throws for the row of a published message that cannot have one: the worker numbered it out of every bound. */
export function requireRow(row: number): number {
  if (row !== -1) return row;
  throw new AppError('internal', `A publisher sent more than ${maxSequence} messages in one session.`, {
    hint: 'Shorten the run, or spread the rate over more publishers.',
  });
}
