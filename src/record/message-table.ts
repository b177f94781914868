import { AppError } from '../core/errors.js';
import { addRows, type Columns, createColumns } from './column.js';

/** Messages of one publisher session to one destination, and how far each subscriber has come in them. */
export interface Stream {
  readonly publisher: number;
  readonly epoch: number;
  readonly destination: number;
  /** Row of each message plus 1, by sequence minus 1; 0 where nothing is known yet. */
  rows: Uint32Array<ArrayBuffer>;
  /** By slot: the highest sequence that arrived first in the session beside it. */
  readonly highest: Uint32Array<ArrayBuffer>;
  readonly highestSession: Uint16Array<ArrayBuffer>;
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
  duplicateSameSession: 'uint32',
  duplicateAcrossSessions: 'uint32',
  duplicateRedelivered: 'uint32',
} as const;

const pairKinds = { arrivedAtMicros: 'float64', session: 'uint16', flags: 'uint8' } as const;

const duplicateKinds = { row: 'uint32', atMicros: 'float64' } as const;

export type MessageColumns = Columns<keyof typeof messageKinds>['of'];
export type PairColumns = Columns<keyof typeof pairKinds>['of'];
export type DuplicateColumns = Columns<keyof typeof duplicateKinds>;

/** 11 bytes each: 1.5 GB at the limit, past which a run is refused with an AppError. */
const maxPairs = 1 << 27;
const maxMessages = 1 << 25;
/** Sequences and epochs beyond are no work of ours: the stamp holds an epoch in 16 bits. */
const maxSequence = 1 << 24;
const maxEpoch = 0xffff;

/**
 * Every message that was published or arrived, and every pair (message, subscriber), in columns: 5,000,000 pairs take
 * about 55 MB. A message that arrived before its publish was reported has a row without the bit `published`.
 */
export interface MessageTable {
  readonly streams: readonly Stream[];
  /** Number of messages. */
  rows(): number;
  /** Columns are replaced when they grow: read them anew after every call of `rowOf`. */
  messages(): MessageColumns;
  pairs(): PairColumns;
  /** Every duplicate: of which message, and when it came. */
  readonly duplicates: DuplicateColumns;
  noteDuplicate(row: number, atMicros: number): void;
  /** The stream; undefined when the ids cannot be any of the plan's. */
  streamOf(publisher: number, epoch: number, destination: number): Stream | undefined;
  /** The row of a message, made when it is new; -1 when the sequence cannot be one of ours. */
  rowOf(stream: Stream, sequence: number): number;
}

export function createMessageTable(size: { publishers: number; subscribers: readonly number[] }): MessageTable {
  const messages = createColumns(messageKinds, maxMessages);
  const pairs = createColumns(pairKinds, maxPairs);
  const duplicates = createColumns(duplicateKinds, maxMessages);
  const streams: Stream[] = [];
  const numbers = new Map<number, number>();

  const numberOf = (publisher: number, epoch: number, destination: number): number => {
    const key = (publisher * size.subscribers.length + destination) * (maxEpoch + 1) + epoch;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const slots = size.subscribers[destination] ?? 0;
    const [highest, highestSession] = [new Uint32Array(slots), new Uint16Array(slots)];
    numbers.set(key, streams.length);
    return streams.push({ publisher, epoch, destination, rows: new Uint32Array(8), highest, highestSession }) - 1;
  };
  const addMessage = (stream: Stream, sequence: number): number => {
    const row = addRows(messages, messages.of.stream.length, 1);
    const slots = stream.highest.length;
    messages.of.stream[row] = numberOf(stream.publisher, stream.epoch, stream.destination);
    messages.of.sequence[row] = sequence;
    messages.of.firstPair[row] = addRows(pairs, pairs.of.flags.length, slots);
    stream.rows[sequence - 1] = row + 1;
    return row;
  };
  return {
    streams,
    rows: () => messages.rows,
    messages: () => messages.of,
    pairs: () => pairs.of,
    duplicates,
    noteDuplicate(row, atMicros) {
      const index = addRows(duplicates, duplicates.of.row.length, 1);
      duplicates.of.row[index] = row;
      duplicates.of.atMicros[index] = atMicros;
    },
    streamOf(publisher, epoch, destination) {
      if (publisher >= size.publishers || destination >= size.subscribers.length || epoch > maxEpoch) return undefined;
      return streams[numberOf(publisher, epoch, destination)];
    },
    rowOf(stream, sequence) {
      if (sequence < 1 || sequence > maxSequence) return -1;
      if (sequence > stream.rows.length) growRows(stream, sequence);
      const known = stream.rows[sequence - 1] as number;
      return known > 0 ? known - 1 : addMessage(stream, sequence);
    },
  };
}

function growRows(stream: Stream, sequence: number): void {
  const grown = new Uint32Array(Math.max(sequence, stream.rows.length * 2));
  grown.set(stream.rows);
  stream.rows = grown;
}

/** Throws unless a published message has a row: the worker numbered it out of every bound. */
export function requireRow(row: number): number {
  if (row >= 0) return row;
  throw new AppError('internal', `A publisher sent more than ${maxSequence} messages in one session.`, {
    hint: 'Shorten the run, or spread the rate over more publishers.',
  });
}
