/**
 * The format of a node's journal: rows of 32-bit words, little-endian, each beginning with its kind. Written as things
 * happen and never changed, so that a file cut anywhere is read up to its last whole row.
 *
 * accepted: kind, publisher, epoch, destination, sequence · passed: kind, number of the accepted row ·
 * brought: kind, session, publisher, epoch, destination, sequence · written: kind, number of the brought row, session ·
 * session: kind, number, length of its id, id padded to words · ended: kind, session, close code ·
 * complete: kind, µs high, µs low · closed: kind.
 */
const kinds = {
  accepted: 1,
  passed: 2,
  brought: 3,
  written: 4,
  session: 5,
  ended: 6,
  complete: 7,
  closed: 8,
} as const;

/** What names a message of the load: indices and numbers of the run's plan. */
export interface MessageIdentity {
  readonly publisher: number;
  readonly epoch: number;
  readonly destination: number;
  readonly sequence: number;
}

const two32 = 4294967296;
const wordBytes = 4;
const firstWords = 4096;
/** STOMP session ids of ours have 22 octets. */
const maxIdBytes = 255;

/** Rows that wait to be written. Numbers of accepted and brought rows, and of sessions, count from 1. */
export class JournalRows {
  #words = new Uint32Array(firstWords);
  #length = 0;
  #accepted = 0;
  #brought = 0;
  #sessions = 0;

  /** Octets that `take` would give. */
  get bytes(): number {
    return this.#length * wordBytes;
  }

  /** The node has read the message. @returns the row's number */
  accepted({ publisher, epoch, destination, sequence }: MessageIdentity): number {
    const at = this.#grow(5);
    this.#words[at] = kinds.accepted;
    this.#putIdentity(at + 1, publisher, epoch, destination, sequence);
    return ++this.#accepted;
  }

  /** The broker has confirmed it. */
  passed(accepted: number): void {
    const at = this.#grow(2);
    this.#words[at] = kinds.passed;
    this.#words[at + 1] = accepted;
  }

  /**
   * The broker brought it.
   * @param session whose own broker connection it came by; 0 where it came for all of the node
   * @returns the row's number
   */
  brought({ publisher, epoch, destination, sequence }: MessageIdentity, session: number): number {
    const at = this.#grow(6);
    this.#words[at] = kinds.brought;
    this.#words[at + 1] = session;
    this.#putIdentity(at + 2, publisher, epoch, destination, sequence);
    return ++this.#brought;
  }

  /** It was handed to a session's socket. */
  written(brought: number, session: number): void {
    const at = this.#grow(3);
    this.#words[at] = kinds.written;
    this.#words[at + 1] = brought;
    this.#words[at + 2] = session;
  }

  /** A connection came. @returns the session's number */
  session(id: string): number {
    const bytes = Buffer.from(id, 'latin1').subarray(0, maxIdBytes);
    const idWords = Math.ceil(bytes.length / wordBytes);
    const at = this.#grow(3 + idWords);
    this.#words[at] = kinds.session;
    this.#words[at + 1] = ++this.#sessions;
    this.#words[at + 2] = bytes.length;
    for (let i = 0; i < idWords; i++) {
      const from = i * wordBytes;
      this.#words[at + 3 + i] =
        ((bytes[from] ?? 0) |
          ((bytes[from + 1] ?? 0) << 8) |
          ((bytes[from + 2] ?? 0) << 16) |
          ((bytes[from + 3] ?? 0) << 24)) >>>
        0;
    }
    return this.#sessions;
  }

  /** A connection ended, by the node with that code, or by itself with 1006. */
  ended(session: number, closeCode: number): void {
    const at = this.#grow(3);
    this.#words[at] = kinds.ended;
    this.#words[at + 1] = session;
    this.#words[at + 2] = closeCode;
  }

  /** What happened until then stands above. @param micros of the host's clock */
  complete(micros: number): void {
    const at = this.#grow(3);
    this.#words[at] = kinds.complete;
    this.#words[at + 1] = Math.floor(micros / two32);
    this.#words[at + 2] = micros % two32;
  }

  /** The node ended in order; nothing is missing. */
  closed(): void {
    this.#words[this.#grow(1)] = kinds.closed;
  }

  /** Everything since the last call; valid until the next row. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#words.buffer, 0, this.#length * wordBytes);
    this.#length = 0;
    return taken;
  }

  #putIdentity(at: number, publisher: number, epoch: number, destination: number, sequence: number): void {
    this.#words[at] = publisher;
    this.#words[at + 1] = epoch;
    this.#words[at + 2] = destination;
    this.#words[at + 3] = sequence;
  }

  /** @returns where the new row begins */
  #grow(words: number): number {
    const at = this.#length;
    this.#length += words;
    if (this.#length > this.#words.length) {
      const grown = new Uint32Array(Math.max(this.#length, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    return at;
  }
}

/** Told of the rows of a journal in their order. */
export interface JournalVisitor {
  accepted(number: number, message: MessageIdentity): void;
  passed(accepted: number): void;
  brought(number: number, session: number, message: MessageIdentity): void;
  written(brought: number, session: number): void;
  session(number: number, id: string): void;
  ended(session: number, closeCode: number): void;
  complete(micros: number): void;
  closed(): void;
}

/**
 * Reads a journal up to its last whole row.
 * @param bytes as a file has them
 * @throws Error when a row is of no known kind: the file is none of ours
 */
export function readJournalRows(bytes: Uint8Array, visitor: JournalVisitor): void {
  // A copy where the words would not be aligned.
  const aligned = bytes.byteOffset % wordBytes === 0 ? bytes : new Uint8Array(bytes);
  const words = new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / wordBytes));
  let [at, accepted, brought] = [0, 0, 0];
  const word = (index: number): number => words[at + index] as number;
  const identity = (from: number): MessageIdentity => ({
    publisher: word(from),
    epoch: word(from + 1),
    destination: word(from + 2),
    sequence: word(from + 3),
  });
  while (at < words.length) {
    const length = rowLength(word(0), words[at + 2]);
    if (at + length > words.length) return;
    switch (word(0)) {
      case kinds.accepted:
        visitor.accepted(++accepted, identity(1));
        break;
      case kinds.passed:
        visitor.passed(word(1));
        break;
      case kinds.brought:
        visitor.brought(++brought, word(1), identity(2));
        break;
      case kinds.written:
        visitor.written(word(1), word(2));
        break;
      case kinds.session:
        visitor.session(
          word(1),
          Buffer.from(words.buffer, words.byteOffset + (at + 3) * 4, word(2)).toString('latin1'),
        );
        break;
      case kinds.ended:
        visitor.ended(word(1), word(2));
        break;
      case kinds.complete:
        visitor.complete(word(1) * two32 + word(2));
        break;
      case kinds.closed:
        visitor.closed();
        break;
    }
    at += length;
  }
}

const lengths: Readonly<Record<number, number>> = {
  [kinds.accepted]: 5,
  [kinds.passed]: 2,
  [kinds.brought]: 6,
  [kinds.written]: 3,
  [kinds.ended]: 3,
  [kinds.complete]: 3,
  [kinds.closed]: 1,
};

function rowLength(kind: number, idBytes: number | undefined): number {
  if (kind === kinds.session) return 3 + Math.ceil((idBytes ?? 0) / wordBytes);
  const length = lengths[kind];
  if (length === undefined) throw new Error(`A journal has no rows of kind ${kind}.`);
  return length;
}
