import type { Writable } from 'node:stream';

/**
 * Joins everything written within one turn of the event loop into one write to the stream: on a
 * socket a system call costs more than copying a few hundred bytes.
 */
export class WriteBatch {
  readonly #stream: Writable;
  #chunks: Buffer[] = [];
  #scheduled = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    const chunks = this.#chunks;
    if (chunks.length === 0 || this.#stream.destroyed || this.#stream.writableEnded) return;
    this.#chunks = [];
    this.#stream.write(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
  }
}
