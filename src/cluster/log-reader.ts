import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sleep } from '../core/clock.js';
import { systemCodeOf } from '../core/errors.js';

/** One line of a process's output. */
export interface LogLine {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly text: string;
}

/** How much of the end of each log is read at most. */
const maxReadBytes = 16 * 1_048_576;
const followEveryMs = 250;
/** The time of the first line tells one file from the next of that name, which may have got its inode. */
const beginningBytes = '2026-11-28T20:16:05.123Z'.length;

/** How far a file was read. */
interface Bookmark {
  readonly beginning: string;
  readonly offset: number;
}

/** Reads the logs of a cluster, first what is there, then what comes. */
export class LogReader {
  readonly #folder: string;
  readonly #bookmarks = new Map<string, Bookmark>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Names of the processes that have a log; empty when there never was a cluster. */
  async names(): Promise<string[]> {
    try {
      const files = await readdir(this.#folder);
      return files
        .filter((file) => file.endsWith('.log'))
        .map((file) => file.slice(0, -'.log'.length))
        .sort();
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  /** Whole lines that were not read yet, of all these processes, in the order of their times. */
  async read(names: readonly string[]): Promise<LogLine[]> {
    const lines = (await Promise.all(names.map((name) => this.#readOne(name)))).flat();
    // The times are of one form and zone, so that they sort as text; lines of one time keep their order.
    return lines.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  }

  /** Resolves when a log may have grown; rejects when the signal is aborted. */
  async changed(signal: AbortSignal): Promise<void> {
    const watcher = this.#watch();
    const seen = new Promise<void>((resolve) => {
      watcher?.once('change', () => resolve()).once('error', () => resolve());
    });
    try {
      // Not every file system tells of changes, so ask now and then in any case.
      await Promise.race([seen, sleep(followEveryMs, signal)]);
    } finally {
      watcher?.close();
    }
    signal.throwIfAborted();
  }

  #watch(): FSWatcher | undefined {
    try {
      return watch(this.#folder, { persistent: false });
    } catch {
      // Between two clusters there is no folder; and a system may have no watch to give.
      return undefined;
    }
  }

  async #readOne(name: string): Promise<LogLine[]> {
    const file = await open(join(this.#folder, `${name}.log`), 'r').catch((error: unknown) => {
      // Put aside a moment ago; its successor comes with the next line.
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (file === undefined) return [];
    try {
      const { size } = await file.stat();
      const beginning = (await readPart(file, 0, beginningBytes)).toString('latin1');
      const known = this.#bookmarks.get(name);
      // Another one than before: that was put aside when it grew too large, or a new cluster began.
      const isSame = known?.beginning === beginning && known.offset <= size;
      const start = Math.max(isSame ? known.offset : 0, size - maxReadBytes);
      const part = await readPart(file, start, size - start);
      const end = part.lastIndexOf(0x0a) + 1;
      this.#bookmarks.set(name, { beginning, offset: start + end });
      return parseLines(name, part.toString('utf8', 0, end));
    } finally {
      await file.close();
    }
  }
}

async function readPart(file: FileHandle, start: number, sizeBytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, start);
  return buffer.subarray(0, bytesRead);
}

function parseLines(name: string, text: string): LogLine[] {
  return text.split('\n').flatMap((line) => {
    // `s`, because a line may hold what only other systems take for its end; it must not be hidden by that.
    const [, time, rest] = /^(\S+Z) (.*)$/s.exec(line) ?? [];
    return time === undefined ? [] : [{ name, time, text: rest ?? '' }];
  });
}
