import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { batchToJson } from './batch-json.js';
import type { FactBatch, Plan } from './history.js';
import type { FaultReport } from './result.js';
import type { Testimony } from './testimony.js';

export const eventsSchema = 'cluster-chat/events@1';

/** One line of `events.ndjson`. Facts and faults together are all that a report needs. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly schema: typeof eventsSchema;
      readonly plan: Plan;
      readonly seed: number;
      readonly scenario: unknown;
    }
  | { readonly type: 'load-started'; readonly atMicros: number }
  | {
      readonly type: 'fault-injected';
      readonly fault: Omit<FaultReport, 'droppedClients' | 'noticedMs' | 'recoveredMs' | 'missing'>;
      readonly atMicros: number;
    }
  | { readonly type: 'journals-read'; readonly testimony: Testimony }
  | { readonly type: 'noted'; readonly atMs: number; readonly level: string; readonly text: string }
  | { readonly type: 'run-ended'; readonly atMicros: number; readonly verdict: string };

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

/**
 * What a run leaves on disk: `events.ndjson`, appended to as things happen and readable up to its last
 * whole line whatever ends the run, and files that appear whole or not at all. Only the user may read it.
 * A disk that fails stops the writing, not the run: `failure` then says why.
 */
export class RunFolder implements AsyncDisposable {
  readonly path: string;
  readonly #stream: WriteStream;
  #failure: Error | undefined;

  private constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(join(path, 'events.ndjson'), { flags: 'ax', mode: 0o600 });
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /** Makes the folder. Rejects when it cannot be made. */
  static async create(path: string): Promise<RunFolder> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const folder = new RunFolder(path);
    await Promise.race([
      once(folder.#stream, 'open'),
      once(folder.#stream, 'error').then(([error]) => Promise.reject(error)),
    ]);
    return folder;
  }

  /** Why writing failed, if it did. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  event(event: RunEvent): void {
    this.#line(event);
  }

  facts(facts: FactBatch): void {
    this.#line({ type: 'facts', ...batchToJson(facts) });
  }

  /** Writes a file that is there whole or not at all. */
  async writeFile(name: string, text: string): Promise<void> {
    const temporary = join(this.path, `.${name}.tmp`);
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, join(this.path, name));
  }

  /** Points `latest` beside the folder at it; without symbolic links on the file system there is none. */
  async becomeLatest(): Promise<void> {
    const link = join(dirname(this.path), 'latest');
    const temporary = `${link}.${basename(this.path)}`;
    try {
      await symlink(basename(this.path), temporary);
      await rename(temporary, link);
    } catch {
      await rm(temporary, { force: true });
    }
  }

  async close(): Promise<void> {
    if (this.#stream.closed || this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      this.#stream.end(() => resolve());
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #line(value: unknown): void {
    if (this.#failure === undefined) this.#stream.write(`${JSON.stringify(value)}\n`);
  }
}
