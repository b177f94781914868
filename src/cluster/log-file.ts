import { createWriteStream, mkdirSync, renameSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { wallMs } from '../core/clock.js';

/** A file that grew to this is put aside as `<name>.log.1`, in place of the one before. */
const maxFileBytes = 64 * 1_048_576;
/** What waits for a slow disk; lines beyond it are dropped, and the log says how many. */
const maxPendingBytes = 8 * 1_048_576;

/** The output of one process over all its lives: a time and the line, as it was. */
export class LogFile {
  readonly path: string;
  readonly #onError: (error: Error) => void;
  #stream: WriteStream;
  #sizeBytes = 0;
  #dropped = 0;

  constructor(folder: string, name: string, onError: (error: Error) => void) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.path = join(folder, `${name}.log`);
    this.#onError = onError;
    this.#stream = this.#open();
  }

  write(line: string): void {
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
    this.#sizeBytes += Buffer.byteLength(text);
    if (this.#sizeBytes > maxFileBytes) this.#rotate();
    this.#stream.write(text);
  }

  #rotate(): void {
    this.#stream.end();
    renameSync(this.path, `${this.path}.1`);
    this.#stream = this.#open();
    this.#sizeBytes = 0;
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.path, { flags: 'a', mode: 0o600 });
    // Told once: a full disk must not end the cluster whose log it is.
    stream.once('error', this.#onError);
    stream.on('error', () => undefined);
    return stream;
  }
}
