import { nowMs } from '../core/clock.js';
import { FrameBatch } from './frame-batch.js';
import type { Journal } from './journal.js';
import type { Outgoing } from './outgoing.js';
import type { Transport } from './transport.js';

/** Outboxes with something to send in this turn of the event loop. */
let dirty: Outbox[] = [];

function flushAll(): void {
  const outboxes = dirty;
  dirty = [];
  for (const outbox of outboxes) outbox.flush();
}

/** Above this many waiting bytes an outbox does not wait for the end of the turn. */
const eagerFlushBytes = 128 * 1024;

/**
 * What waits to be sent to one session. Everything that is put in during one turn of the event loop
 * leaves with one write to the socket; one write per socket and turn carries about four times as many
 * deliveries per second as one write per frame (measured on two cores; see bench/).
 */
export class Outbox {
  readonly #transport: Transport;
  readonly #journal: Journal | undefined;
  /** Of the session, in the journal. */
  readonly #session: number;
  /** What waits for the end of this turn. */
  #batch: FrameBatch | undefined;
  /** `sentBytes` that the transport must reach until what is unsent now has gone, and since when. */
  #markBytes = 0;
  #markMs = 0;
  lastWriteMs = nowMs();
  #whenRoom: (() => void)[] | undefined;

  constructor(transport: Transport, journal: Journal | undefined, session: number) {
    this.#transport = transport;
    this.#journal = journal;
    this.#session = session;
  }

  push(frame: Outgoing): void {
    if (this.#batch === undefined) {
      this.#batch = new FrameBatch();
      dirty.push(this);
      if (dirty.length === 1) setImmediate(flushAll);
    }
    this.#batch.add(frame);
    if (this.#batch.bytes > eagerFlushBytes) this.flush();
  }

  flush(): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#batch = undefined;
    this.lastWriteMs = nowMs();
    this.#transport.write(batch);
    this.#journal?.written(batch, this.#session);
  }

  /** Calls back once, at the next `resume`. */
  whenRoom(resume: () => void): void {
    this.#whenRoom ??= [];
    this.#whenRoom.push(resume);
  }

  /** There may be room again, or nobody wants to write any more. */
  resume(): void {
    const waiting = this.#whenRoom;
    this.#whenRoom = undefined;
    for (const resume of waiting ?? []) resume();
  }

  /** Bytes that wait here or in the transport. */
  get unsentBytes(): number {
    return (this.#batch?.bytes ?? 0) + this.#transport.unsentBytes;
  }

  /**
   * Age in milliseconds of the oldest unsent byte, as far as repeated calls can tell: a mark is set at
   * what is unsent, and set anew once that has gone.
   */
  unsentMs(now: number): number {
    const { unsentBytes } = this.#transport;
    if (unsentBytes === 0) {
      this.#markMs = 0;
      return 0;
    }
    const { sentBytes } = this.#transport;
    if (this.#markMs === 0 || sentBytes >= this.#markBytes) {
      this.#markMs = now;
      this.#markBytes = sentBytes + unsentBytes;
    }
    return now - this.#markMs;
  }
}
