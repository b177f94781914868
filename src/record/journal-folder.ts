import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJournals } from './journal-reader.js';
import type { Sought, Testimony } from './testimony.js';

/** Of a run's folder, while the run goes on or after it was killed. */
export const journalFolderName = 'journals';

/**
 * Where the nodes of a run keep their journals. Gone when the run ends: what explains a missing delivery is moved to
 * `events.ndjson`, and the rest, every delivery of the run, is of no further use.
 */
export class JournalFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** @param runFolder it becomes a part of; without one it is a temporary folder */
  static async create(runFolder: string | undefined): Promise<JournalFolder> {
    if (runFolder === undefined) return new JournalFolder(await mkdtemp(join(tmpdir(), 'cluster-chat-')));
    const path = join(runFolder, journalFolderName);
    await mkdir(path, { mode: 0o700 });
    return new JournalFolder(path);
  }

  read(nodes: readonly string[], sought: Sought): Promise<Testimony> {
    return readJournals(this.path, nodes, sought);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
