import { nowMicros } from '../core/clock.js';
import { publishOutcome } from '../record/history.js';
import { type StampKind, writeStamp } from '../record/stamp.js';
import type { ClientHost, ClientProfile } from './client-host.js';
import type { Connection } from './connection.js';

/** Sends that wait for a connection, per client; more would only be written at once by a client long gone. */
export const maxHeldSends = 1000;
/** Receipts that a session may be owed: half of what our own nodes allow [limits 10]. */
const maxOwedReceipts = 32;
/** A server that has answered nothing of a session for so long gives no receipts for SEND, as Spring's simple broker. */
const receiptPatienceMicros = 2_000_000;
/** Of those that were given up, so many may still be settled when a server that stood still answers after all. */
const maxGivenUp = 4096;
/** Past this much unsent the server does not read any more, and the generator gives up the send. */
const maxUnsentBytes = 4 * 1024 * 1024;

/** The sending half of a client: numbers its messages, and keeps those that fall due while it is away. */
export class Publisher {
  readonly #host: ClientHost;
  readonly #profile: ClientProfile;
  readonly #client: number;
  readonly #destination: number;
  readonly #destinationName: string;
  /** There only while the client can send. */
  #connection: Connection | undefined;
  #session = 0;
  /** Of the load, dense from 1 in a session. */
  #sequence = 0;
  #otherSequence = 0;
  /** Intended times, in the order due. */
  #held: number[] = [];
  /** Sequences of this session that wait for their RECEIPT, oldest first, and when each was written. */
  #unsettled: Map<number, number> | undefined;
  /**
   * The newest that it stopped waiting for, 0 for none. As nothing was answered before, it waits for none up to it; yet
   * their RECEIPTs may lie in the kernel of a machine that stood still.
   */
  #givenUpTo = 0;
  /** Those of them whose RECEIPT may still come; there only once the first one came. */
  #givenUp: Set<number> | undefined;
  /**
   * Whether the server gives RECEIPTs for SEND, as far as is known. One that gave any is waited for, also in later
   * sessions: it only stands still, and would close a session that it owes too many. `none` is a guess, for one session.
   */
  #receipts: 'unknown' | 'none' | 'given' = 'unknown';

  constructor(host: ClientHost, profile: ClientProfile, client: number, destination: number) {
    this.#host = host;
    this.#profile = profile;
    this.#client = client;
    this.#destination = destination;
    this.#destinationName = host.plan.destinations[destination] ?? '';
  }

  /** Index of the destination it sends to. */
  get destination(): number {
    return this.#destination;
  }

  get canSend(): boolean {
    return this.#open() !== undefined;
  }

  get heldCount(): number {
    return this.#held.length;
  }

  /** A new session has begun; it cannot send yet. */
  opened(session: number): void {
    this.#session = session;
    this.#sequence = 0;
    this.#otherSequence = 0;
    if (this.#receipts === 'none') this.#receipts = 'unknown';
    this.#givenUpTo = 0;
  }

  /** The client is subscribed again: what was held goes out first, in the order in which it fell due. */
  ready(connection: Connection): void {
    this.#connection = connection;
    this.writeHeld();
  }

  /** The session is over: what had no RECEIPT yet stays indeterminate. */
  lost(): void {
    this.#connection = undefined;
    this.#host.tally.unsettled -= this.#unsettled?.size ?? 0;
    this.#unsettled = undefined;
    this.#givenUp = undefined;
  }

  /**
   * A message of the load falls due. While the client is away, or too many receipts are owed, it waits; with
   * too many waiting, it is dropped and counted.
   */
  due(intendedAtMicros: number): void {
    const { tally } = this.#host;
    if (this.#held.length > 0) this.writeHeld();
    const connection = this.#open();
    if (connection !== undefined && this.#hasRoom() && this.#held.length === 0) {
      if (connection.unsentBytes > maxUnsentBytes) tally.droppedSends++;
      else this.#writeLoad(connection, intendedAtMicros, false);
    } else if (this.#held.length < maxHeldSends) {
      this.#held.push(intendedAtMicros);
      tally.heldSends++;
    } else {
      tally.droppedSends++;
    }
  }

  /** A message of the warm-up; left out while the client is away. */
  warm(intendedAtMicros: number): void {
    const connection = this.#open();
    if (connection === undefined || connection.unsentBytes > maxUnsentBytes) return;
    const sequence = ++this.#otherSequence;
    this.#write(connection, 'w', sequence, intendedAtMicros, nowMicros(), undefined);
    this.#host.tally.sentWarmup++;
  }

  /** The last fence to its destination. @returns false while the client is away */
  drain(): boolean {
    const connection = this.#open();
    if (connection === undefined) return false;
    const atMicros = nowMicros();
    this.#write(connection, 'd', ++this.#otherSequence, atMicros, atMicros, undefined);
    this.#host.tally.drainSent++;
    return true;
  }

  /** Whether one more may be written now. Who was given no RECEIPT for so long waits for none in this session. */
  #hasRoom(): boolean {
    if (this.#receipts === 'none' || this.#unsettled === undefined || this.#unsettled.size < maxOwedReceipts)
      return true;
    const [oldestMicros = Number.POSITIVE_INFINITY] = this.#unsettled.values();
    if (this.#receipts === 'given' || oldestMicros + receiptPatienceMicros >= nowMicros()) return false;
    this.#receipts = 'none';
    return true;
  }

  /** Waits for one more RECEIPT; the oldest owed beyond the limit stays indeterminate unless its own comes later. */
  #owe(sequence: number, writtenAtMicros: number): void {
    this.#unsettled ??= new Map();
    const [oldest] = this.#unsettled.keys();
    if (this.#unsettled.size < maxOwedReceipts) this.#host.tally.unsettled++;
    else if (oldest !== undefined) {
      this.#unsettled.delete(oldest);
      this.#givenUpTo = oldest;
    }
    this.#unsettled.set(sequence, writtenAtMicros);
  }

  /** The first RECEIPT of all: those of what was given up may follow. */
  #answered(): void {
    this.#receipts = 'given';
    if (this.#givenUpTo === 0) return;
    const first = Math.max(1, this.#givenUpTo - maxGivenUp + 1);
    this.#givenUp = new Set(Array.from({ length: this.#givenUpTo - first + 1 }, (_, index) => first + index));
  }

  /** What waited goes out, as far as there is room. */
  writeHeld(): void {
    const connection = this.#open();
    while (connection !== undefined && this.#held.length > 0 && this.#hasRoom()) {
      const intendedAtMicros = this.#held.shift() as number;
      this.#host.tally.heldSends--;
      this.#writeLoad(connection, intendedAtMicros, true);
    }
  }

  #open(): Connection | undefined {
    return this.#connection?.isOpen === true ? this.#connection : undefined;
  }

  /** The RECEIPT or the ERROR of a message of the load came. */
  settled(sequence: number, outcome: typeof publishOutcome.acked | typeof publishOutcome.rejected): void {
    if (this.#receipts !== 'given') this.#answered();
    if (this.#unsettled?.delete(sequence) === true) this.#host.tally.unsettled--;
    else if (this.#givenUp?.delete(sequence) !== true) return;
    this.#host.recorder.settled(this.#client, this.#session, this.#destination, sequence, outcome, nowMicros());
    this.writeHeld();
  }

  /** The run is over: what is still held was never written, and says so. */
  abandonHeld(): void {
    const { recorder, tally } = this.#host;
    const atMicros = nowMicros();
    for (const intendedAtMicros of this.#held) {
      const sequence = ++this.#sequence;
      recorder.published(this.#client, this.#session, this.#destination, sequence, intendedAtMicros, Number.NaN, true);
      recorder.settled(this.#client, this.#session, this.#destination, sequence, publishOutcome.rejected, atMicros);
    }
    tally.heldSends -= this.#held.length;
    this.#held = [];
  }

  #writeLoad(connection: Connection, intendedAtMicros: number, isHeld: boolean): void {
    const sequence = ++this.#sequence;
    const receipt = this.#profile.receipt ? `m${sequence}` : undefined;
    const { recorder, tally } = this.#host;
    const writtenAtMicros = Math.floor(nowMicros());
    recorder.published(
      this.#client,
      this.#session,
      this.#destination,
      sequence,
      intendedAtMicros,
      writtenAtMicros,
      isHeld,
    );
    tally.sent++;
    if (receipt !== undefined) this.#owe(sequence, writtenAtMicros);
    this.#write(connection, 'm', sequence, intendedAtMicros, writtenAtMicros, receipt);
  }

  #write(
    connection: Connection,
    kind: StampKind,
    sequence: number,
    intendedAtMicros: number,
    writtenAtMicros: number,
    receipt: string | undefined,
  ): void {
    const stamp = {
      runNumber: this.#host.runNumber,
      kind,
      publisher: this.#client,
      epoch: this.#session,
      destination: this.#destination,
      sequence,
      intendedAtMicros,
      writtenAtMicros,
    };
    connection.send(this.#destinationName, writeStamp(stamp, this.#profile.sizeBytes), receipt);
  }
}
