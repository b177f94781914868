import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { latestName } from '../record/latest.js';
import type { CommandContext } from './context.js';

/**
 * The folder of a run, or of a repetition, by what a user calls it: its path, that of a file in it, or its name under
 * `.cluster-chat/runs`; undefined for the latest.
 * @throws AppError `not-found` with the nearest name, or with how to make a run
 */
export async function findRun(name: string | undefined, context: CommandContext): Promise<string> {
  const runs = resolve(context.cwd, '.cluster-chat', 'runs');
  if (name === undefined) return latestOf(runs);
  const path = resolve(context.cwd, name);
  if (await isFolder(path)) return path;
  if (/^[^/\\]+$/.test(name) && (await isFolder(join(runs, name)))) return join(runs, name);
  if (/\.(json|ndjson|xml)$/.test(path) && (await isFolder(dirname(path)))) return dirname(path);
  const near = nearest(name, await namesIn(runs));
  throw new AppError('not-found', `There is no run called ${name}.`, {
    hint: near === undefined ? 'Name a folder, or one of those under .cluster-chat/runs.' : `Did you mean ${near}?`,
  });
}

/** Where links cannot be made the names tell, which sort by time. */
async function latestOf(runs: string): Promise<string> {
  const linked = join(runs, latestName);
  if (await isFolder(linked)) return linked;
  const newest = (await namesIn(runs)).sort().at(-1);
  if (newest !== undefined) return join(runs, newest);
  throw new AppError('not-found', 'There is no run here yet.', {
    hint: 'Make one with: cluster-chat run smoke; or name the folder of one.',
  });
}

async function namesIn(runs: string): Promise<string[]> {
  const entries = await readdir(runs, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
