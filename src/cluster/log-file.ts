import { createWriteStream, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { wallMs } from '../core/clock.js';
import { messageOf } from '../core/errors.js';

/** A file that grew to this is put aside as `<name>.log.1`, in place of the one before. */
const maxFileBytes = 64 * 1_048_576;
/** What waits for a slow disk; lines beyond it are dropped, and the log says how many. */
const maxPendingBytes = 8 * 1_048_576;

/** The output of one process over all its lives: a time and the line, as it was. */
export class LogFile {
  readonly path: string;
  readonly #onError: (error: Error) => void;
  readonly #maxBytes: number;
  #stream: Writable;
  #sizeBytes = 0;
  #dropped = 0;
  #isLost = false;

  /** @param onError called once when the file cannot be written; the lines are dropped from then on */
  constructor(folder: string, name: string, onError: (error: Error) => void, maxBytes = maxFileBytes) {
    this.path = join(folder, `${name}.log`);
    this.#onError = onError;
    this.#maxBytes = maxBytes;
    this.#stream = this.#open(() => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  }

  write(line: string): void {
    if (this.#isLost) return;
    if (this.#stream.writableLength > maxPendingBytes) {
      this.#dropped++;
      return;
    }
    if (this.#dropped > 0) {
      this.#append(`… ${this.#dropped} lines dropped: the disk is too slow`);
      this.#dropped = 0;
    }
    this.#append(line);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
  }

  #append(line: string): void {
    const text = `${new Date(wallMs()).toISOString()} ${line}\n`;
    const lineBytes = Buffer.byteLength(text);
    if (this.#sizeBytes + lineBytes > this.#maxBytes) this.#rotate();
    this.#sizeBytes += lineBytes;
    this.#stream.write(text);
  }

  #rotate(): void {
    // What it still has to write goes to the file that it has open, whatever that is called.
    this.#stream.end();
    this.#stream = this.#open(() => {
      if (existsSync(this.path)) renameSync(this.path, `${this.path}.1`);
    });
    this.#sizeBytes = 0;
  }

  /** Never throws, because lines come from handlers of streams. @param prepare what may fail as opening may */
  #open(prepare: () => void): Writable {
    let stream: Writable;
    try {
      prepare();
      // At once, because a stream would open the path later, when it may stand for another file.
      stream = createWriteStream(this.path, { fd: openSync(this.path, 'a', 0o600) });
    } catch (error) {
      this.#lose(error);
      return discard();
    }
    // A full disk must not end the cluster whose log it is.
    stream.on('error', (error) => this.#lose(error));
    return stream;
  }

  #lose(error: unknown): void {
    if (this.#isLost) return;
    this.#isLost = true;
    this.#onError(error instanceof Error ? error : new Error(messageOf(error)));
  }
}

/** Takes everything and keeps nothing. */
function discard(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
