import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { AppError } from '../core/errors.js';

/** Where servers are installed but the PATH of an ordinary user does not lead. */
const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * The absolute path of a program that the user has installed.
 * @throws AppError `program-missing` with the command that installs it
 */
export function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  cure = `Install it (apt-get install ${name}, or brew install ${name}), or use --balancer embedded.`,
): string {
  const folders = [...new Set([...(env['PATH'] ?? '').split(delimiter), ...serverFolders])].filter(isAbsoluteFolder);
  const found = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (found !== undefined) return found;
  throw new AppError(
    'program-missing',
    `${name} is not installed: it is neither in PATH nor in ${serverFolders.join(', ')}.`,
    { hint: cure },
  );
}

/** A folder relative to wherever we are would run what lies there. */
function isAbsoluteFolder(folder: string): boolean {
  return folder.startsWith('/');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
