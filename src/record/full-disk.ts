import { writeFile } from 'node:fs/promises';

/** What a full disk says to who writes. */
export function noSpaceLeft(): NodeJS.ErrnoException {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

/** Writes a file to a full disk: it comes to be there, and nothing gets into it. */
export async function writeToFullDisk(path: string): Promise<void> {
  await writeFile(path, '', { mode: 0o600 });
  throw noSpaceLeft();
}
