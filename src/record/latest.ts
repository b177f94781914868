import { rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** The name that always points to the newest run beside it. */
export const latestName = 'latest';

/** Points `latest` beside the folder at it; without symbolic links on the file system there is none. */
export async function becomeLatest(folder: string): Promise<void> {
  const link = join(dirname(folder), latestName);
  const temporary = `${link}.${basename(folder)}`;
  try {
    await symlink(basename(folder), temporary);
    await rename(temporary, link);
  } catch {
    await rm(temporary, { force: true });
  }
}
