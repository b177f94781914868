import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Writes a new file that only the user may read. */
type Write = (path: string, text: string) => Promise<void>;

const writeNew: Write = (path, text) => writeFile(path, text, { mode: 0o600 });

/**
 * Writes a file that is there whole or not at all, and that only the user may read. Rejects when it cannot be.
 * @param write how its bytes come to the disk
 */
export async function writeWholeFile(path: string, text: string, write = writeNew): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    await write(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes where the user says, which may be a device or a pipe too. Rejects when it cannot be; of a file that could be
 * opened and not be written to its end nothing is left, because half a report says something else than the whole.
 */
export async function writeNamedFile(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w');
  try {
    await file.writeFile(text);
  } catch (error) {
    if ((await file.stat()).isFile()) await rm(path, { force: true });
    throw error;
  }
}
