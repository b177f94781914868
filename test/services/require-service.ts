import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Folders of servers that are not always in the PATH of a user. */
const moreFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/lib/rabbitmq/bin'];

/** Where a program lies, or undefined. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...moreFolders];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The path of a program that a suite or a benchmark needs; a suite gives it to `describe.runIf`. Where it is not
 * installed, this says so with the cure on stderr, and throws instead when CLUSTER_CHAT_REQUIRE_SERVICES=1,
 * because a check that skips what it is there for is worse than one that fails.
 */
export function requireService(program: string, debianPackage: string): string | undefined {
  const path = findProgram(program);
  if (path !== undefined) return path;
  const text = `${program} is not installed: what needs it cannot run. Install it with: apt-get install ${debianPackage}`;
  if (process.env['CLUSTER_CHAT_REQUIRE_SERVICES'] === '1') throw new Error(text);
  process.stderr.write(`SKIPPED: ${text}\n`);
  return undefined;
}
