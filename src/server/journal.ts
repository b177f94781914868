import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { nowMicros } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import { randomToken } from '../core/random.js';
import { JournalRows } from '../record/journal-rows.js';
import { emptyReading, readIdentity } from '../record/stamp.js';
import type { FrameBatch } from './frame-batch.js';

/** How long at most what happened stays unwritten while nothing else happens. */
const flushEveryMs = 100;
/** A turn that leaves more than this is written at once. */
const eagerFlushBytes = 1_048_576;
/** About 20 million deliveries; later ones leave no evidence, which the journal says. */
export const maxJournalBytes = 268_435_456;

/**
 * What a node did with each message of a run's load: read, passed to the broker, brought by it, written to which
 * session. Evidence for the run's ledger, which otherwise has to infer from its clients why a delivery is missing.
 *
 * Written to a file after every turn of the event loop in which something happened, and at least every 100 ms, so
 * that of a node killed with SIGKILL the last turn is missing and nothing else. A file that cannot be written ends the
 * journal, never the node.
 */
export class Journal implements Disposable {
  readonly #rows = new JournalRows();
  readonly #log: (line: string) => void;
  readonly #reading = emptyReading();
  readonly #timer: NodeJS.Timeout;
  #file: number | undefined;
  #writtenBytes = 0;
  #isScheduled = false;
  /** What had come to this process by then has been read. */
  #readToMicros = nowMicros();

  /** @param folder which must exist; the file is named after the node, and each of its lives has its own */
  constructor(folder: string, node: string, log: (line: string) => void) {
    this.#log = log;
    try {
      this.#file = openSync(join(folder, `${node}.${randomToken(6)}.journal`), 'ax', 0o600);
    } catch (error) {
      log(`no journal is kept: ${messageOf(error)}`);
    }
    this.#timer = setInterval(() => {
      const nowRead = nowMicros();
      // What had come by now is read before the journal calls itself complete up to now.
      setImmediate(() => {
        this.#readToMicros = nowRead;
        this.flush();
      });
    }, flushEveryMs);
    this.#timer.unref();
  }

  /** A SEND was read. @returns what `passed` wants to know; undefined for what is no message of a load */
  accepted(body: Buffer): number | undefined {
    if (this.#file === undefined || !readIdentity(body, this.#reading)) return undefined;
    this.#schedule();
    return this.#rows.accepted(this.#reading);
  }

  /** The broker has it. */
  passed(accepted: number): void {
    if (this.#file === undefined) return;
    this.#rows.passed(accepted);
    this.#schedule();
  }

  /**
   * The broker brought a message.
   * @param session whose own broker connection it came by, where sessions have one
   * @returns what its frames carry to be recognised when they are written
   */
  brought(body: Buffer, session = 0): number | undefined {
    if (this.#file === undefined || !readIdentity(body, this.#reading)) return undefined;
    this.#schedule();
    return this.#rows.brought(this.#reading, session);
  }

  /** Frames were handed to a session's socket. */
  written(batch: FrameBatch, session: number): void {
    if (this.#file === undefined) return;
    for (const { message } of batch.tails) if (message !== undefined) this.#rows.written(message, session);
    this.#schedule();
  }

  /** @returns the session's number; 0 once the journal has ended */
  opened(id: string): number {
    if (this.#file === undefined) return 0;
    this.#schedule();
    return this.#rows.session(id);
  }

  /** @param closeCode of the node's close; 1006 when the connection ended by itself */
  ended(session: number, closeCode: number): void {
    if (this.#file === undefined) return;
    this.#rows.ended(session, closeCode);
    this.#schedule();
  }

  /** Everything so far stands in the file when this returns. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#file === undefined) return;
    this.#rows.complete(this.#readToMicros);
    this.#write(this.#file);
    if (this.#writtenBytes < maxJournalBytes) return;
    this.#log(`the journal has reached its limit of ${maxJournalBytes} bytes; what follows leaves no evidence`);
    this.#end();
  }

  /** Says that the node ended in order. */
  [Symbol.dispose](): void {
    if (this.#file === undefined) return;
    this.flush();
    if (this.#file === undefined) return;
    this.#rows.closed();
    this.#write(this.#file);
    this.#end();
  }

  #schedule(): void {
    if (this.#rows.bytes > eagerFlushBytes && this.#file !== undefined) this.#write(this.#file);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      if (this.#isScheduled) this.flush();
    });
  }

  #write(file: number): void {
    const bytes = this.#rows.take();
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      this.#writtenBytes += bytes.length;
    } catch (error) {
      this.#log(`the journal ends here: ${messageOf(error)}`);
      this.#end();
    }
  }

  #end(): void {
    clearInterval(this.#timer);
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
