import { once } from 'node:events';
import { close, createWriteStream, open, type WriteStream, write, writev } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../core/make-folder.js';
import { batchToJson } from './batch-json.js';
import { noSpaceLeft, writeToFullDisk } from './full-disk.js';
import type { FactBatch } from './history.js';
import { writeWholeFile } from './whole-file.js';

export const eventsFile = 'events.ndjson';

/** What waits for a slow disk: half a minute of a run at its very limit. Past it the record ends, not the run. */
const maxPendingBytes = 64 * 1_048_576;

/** `20261124-050309-failover`: sorts by time, and is a safe file name. */
export function runFolderName(startedAt: Date, scenario: string): string {
  const stamp = startedAt.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const safe = scenario
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 48);
  return `${stamp}-${safe || 'run'}`;
}

/** What of a folder a full disk takes no more of: the events, or what is made of them at the end. */
export type FillablePart = 'events' | 'reports';

/**
 * What a run leaves on disk: `events.ndjson`, appended to as things happen and readable up to its last
 * whole line whatever ends the run, and files that are there whole or not at all. Only the user may read them.
 * A disk that fails stops the writing, not the run: `onFailure` is told at once.
 */
export class RunFolder implements AsyncDisposable {
  readonly path: string;
  readonly #stream: WriteStream;
  #onFailure: (error: Error) => void = () => undefined;
  #failure: Error | undefined;
  readonly #full = new Set<FillablePart>();
  /** The disk, until it is full: then every write fails before a byte of it is kept. */
  readonly #disk = {
    open,
    close,
    write: ((...args: Parameters<typeof write>) => {
      if (!this.#refuse(args)) write(...args);
    }) as typeof write,
    writev: ((...args: Parameters<typeof writev>) => {
      if (!this.#refuse(args)) writev(...args);
    }) as typeof writev,
  };

  private constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(join(path, eventsFile), { flags: 'ax', mode: 0o600, fs: this.#disk });
    this.#stream.on('error', (error) => this.#fail(error));
  }

  /** Makes the folder. Rejects when it cannot be made. */
  static async create(path: string): Promise<RunFolder> {
    await makeFolder(path, 0o700);
    const folder = new RunFolder(path);
    await Promise.race([
      once(folder.#stream, 'open'),
      once(folder.#stream, 'error').then(([error]) => Promise.reject(error)),
    ]);
    return folder;
  }

  /** Calls `listener` once, as soon as events can no longer be written. */
  onFailure(listener: (error: Error) => void): void {
    this.#onFailure = listener;
    if (this.#failure !== undefined) listener(this.#failure);
  }

  /** Whether every event so far is on the disk, once it is closed. */
  get isWhole(): boolean {
    return this.#failure === undefined;
  }

  /** Writes a file of the folder, whole or not at all. Rejects when it cannot be. */
  async keep(name: string, text: string): Promise<void> {
    await writeWholeFile(join(this.path, name), text, this.#full.has('reports') ? writeToFullDisk : undefined);
  }

  /** Appends a line, which a reader knows by its type. */
  event<Event extends { readonly type: string }>(event: Event): void {
    if (this.#failure !== undefined) return;
    this.#stream.write(`${JSON.stringify(event)}\n`);
    if (this.#stream.writableLength <= maxPendingBytes) return;
    this.#fail(new Error('the disk is slower than the run'));
    this.#stream.destroy();
  }

  facts(facts: FactBatch): void {
    if (this.#failure === undefined) this.event({ type: 'facts', ...batchToJson(facts) });
  }

  /**
   * From now on the disk is full for a part of this record, as a fault wants it: every write of it fails like one on a
   * full disk. Resolves when the first one has. It stays so: what was not written is gone.
   */
  async fill(part: FillablePart): Promise<void> {
    this.#full.add(part);
    if (part === 'reports') return this.#expectFull();
    if (this.#failure !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      this.#stream.write('\n');
    });
  }

  async #expectFull(): Promise<void> {
    const isRefused = await this.keep('probe', '\n').then(
      () => false,
      () => true,
    );
    if (!isRefused) throw new Error('a full disk took a file');
  }

  async close(): Promise<void> {
    if (this.#stream.closed || this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      this.#stream.end(() => resolve());
    });
  }

  /** Removes it with everything in it: nothing has happened that it could tell of. */
  async discard(): Promise<void> {
    await this.close();
    await rm(this.path, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Tells the caller of a write what a full disk tells it; the callback is its last argument. */
  #refuse(args: readonly unknown[]): boolean {
    const told = args.at(-1);
    if (!this.#full.has('events') || typeof told !== 'function') return false;
    setImmediate(() => told(noSpaceLeft()));
    return true;
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#onFailure(error);
  }
}
