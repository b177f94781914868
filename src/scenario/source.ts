import { isUtf8 } from 'node:buffer';
import { open, readdir } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { AppError, messageOf, systemCodeOf } from '../core/errors.js';
import { nearest } from '../core/nearest.js';
import { packageRoot } from '../core/package-root.js';
import { visible } from '../core/visible.js';
import { maxFileBytes } from './document.js';

/** The text of a scenario and the name under which messages speak of it. */
export interface ScenarioSource {
  readonly file: string;
  readonly text: string;
}

/** A scenario that ships with cluster-chat. */
export interface Builtin {
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
  /** What it shows: the first line of the file, a comment. */
  readonly summary: string;
}

/** The folder of the built-in scenarios. */
export function builtinsFolder(): string {
  return join(packageRoot(), 'scenarios');
}

/** The built-in scenarios by name. */
export async function listBuiltins(folder: string = builtinsFolder()): Promise<Builtin[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml')).sort();
  return Promise.all(
    files.map(async (file) => {
      const path = join(folder, file);
      const [first = ''] = (await readStart(path)).toString('utf8').split('\n', 1);
      return { name: file.slice(0, -'.yaml'.length), path, summary: first.replace(/^#\s*/, '').trim() };
    }),
  );
}

/**
 * Finds a scenario by the name of a built-in or as a file. A file of that very name comes first only
 * when it looks like one: `smoke` is always the built-in, `./smoke` and `smoke.yaml` are files.
 * Rejects with `not-found`.
 */
export async function readScenario(nameOrFile: string, cwd: string): Promise<ScenarioSource> {
  const builtins = await listBuiltins();
  const builtin = builtins.find(({ name }) => name === nameOrFile);
  const path = builtin?.path ?? resolve(cwd, nameOrFile);
  let bytes: Buffer;
  try {
    bytes = await readStart(path);
  } catch (thrown) {
    const near = nearest(
      nameOrFile,
      builtins.map(({ name }) => name),
    );
    const hint =
      near === undefined ? 'cluster-chat run, without a name, lists the built-in scenarios.' : `Did you mean ${near}?`;
    const reason = systemCodeOf(thrown) === 'ENOENT' ? 'does not exist' : `cannot be read: ${messageOf(thrown)}`;
    // A name of several lines would be printed as such.
    throw new AppError('not-found', `the scenario ${visible(nameOrFile)} ${reason}`, { hint, cause: thrown });
  }
  const file = shownName(path, cwd);
  // A file that is too large may have been cut within a character; its size is what is wrong with it.
  if (bytes.length <= maxFileBytes && !isUtf8(bytes)) {
    throw new AppError('scenario-invalid', `the scenario ${file} is not a text in UTF-8`, {
      hint: 'Save it in UTF-8. Nothing was started.',
    });
  }
  return { file, text: bytes.toString('utf8') };
}

function shownName(path: string, cwd: string): string {
  const fromHere = relative(cwd, path);
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}

/** Reads one byte more than is accepted, so that a larger file is noticed but never held in memory. */
async function readStart(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const buffer = Buffer.alloc(maxFileBytes + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
    length += bytesRead;
    if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
  }
}
