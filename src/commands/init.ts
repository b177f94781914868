import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { AppError, messageOf, systemCodeOf } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { makeFolder } from '../core/make-folder.js';
import { scenarioJsonSchema } from '../scenario/json-schema.js';
import { type CommandContext, printLine } from './context.js';
import { ciJob, firstScenario } from './init-files.js';
import type { InitOptions } from './scenario-entries.js';

/**
 * Writes a scenario to begin with, its schema for editors, and a CI job. A file that exists is never
 * touched: the command ends with a usage error that names it.
 */
export async function runInit(options: InitOptions, context: CommandContext): Promise<ExitCode> {
  const folder = resolve(context.cwd, options.dir ?? '.');
  const files: readonly (readonly [name: string, text: string])[] = [
    ['scenario.yaml', firstScenario],
    ['scenario.schema.json', `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`],
    ['.github/workflows/cluster-chat.yml', ciJob],
  ];
  // Looked at first, so that a refusal leaves nothing half done; `writeNew` keeps the promise all the same.
  for (const [name] of files) if (existsSync(join(folder, name))) throw alreadyThere(join(folder, name));
  for (const [name, text] of files) {
    const path = join(folder, name);
    await writeNew(path, text);
    printLine(context, `wrote ${relative(context.cwd, path)}`);
  }
  printLine(context, `next: npx cluster-chat run ${relative(context.cwd, join(folder, 'scenario.yaml'))}`);
  return exitCode.ok;
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(path), 0o777);
    // `wx` fails where anything of that name exists, a dangling link included.
    await writeFile(path, text, { flag: 'wx' });
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'EEXIST') throw alreadyThere(path);
    const hint = 'Name a folder that you may write to: cluster-chat init <dir>';
    throw new AppError('results-unwritable', `${path} cannot be written: ${messageOf(thrown)}`, {
      hint,
      cause: thrown,
    });
  }
}

function alreadyThere(path: string): AppError {
  const hint = 'It was left as it is. Move it away, or name another folder: cluster-chat init <dir>';
  return new AppError('usage', `${path} exists already`, { hint });
}
