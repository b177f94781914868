import { writeFile } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { AppError, messageOf } from '../core/errors.js';
import type { Result } from '../record/result.js';
import type { RunFolder } from '../record/run-folder.js';
import { formatJson } from '../report/json.js';
import { reporterOf, reporters } from '../report/reporters.js';
import type { SummaryOptions } from '../report/summary.js';
import { type CommandContext, printLine } from './context.js';
import type { RunOptions } from './scenario-entries.js';
import { terminalAbilities } from './terminal.js';

/** A `--reporter name[=file]`. */
export interface ReporterWish {
  readonly name: string;
  readonly file: string | undefined;
}

/** Reads the wishes before the run: a name that does not exist must not be found out after it. */
export function reporterWishes(options: Pick<RunOptions, 'reporter'>): ReporterWish[] {
  return options.reporter.map((text) => {
    const at = text.indexOf('=');
    const wish = at < 0 ? { name: text, file: undefined } : { name: text.slice(0, at), file: text.slice(at + 1) };
    reporterOf(wish.name);
    return wish;
  });
}

/** What is reported, and from where. */
export interface ReportedRun {
  readonly result: Result;
  /** The scenario's file. */
  readonly file: string;
  readonly folder: RunFolder;
  /** The command that repeats the run. */
  readonly command: string;
}

/**
 * Writes `result.json` and every report that was asked for, then what belongs on stdout: the summary, unless
 * another report took its place.
 * @throws AppError `results-unwritable`
 */
export async function writeReports(
  run: ReportedRun,
  wishes: readonly ReporterWish[],
  options: Pick<RunOptions, 'json' | 'quiet'>,
  context: CommandContext,
): Promise<void> {
  const { result, folder } = run;
  const how = summaryOptions(run, context);
  await intoFolder(folder, reporters.json.defaultFile, formatJson(result));
  const printed: string[] = [];
  for (const { name, file } of wishes) {
    const reporter = reporterOf(name);
    const text = reporter.format(result, how);
    if (file !== undefined) await writeTo(resolve(context.cwd, file), text);
    else if (reporter.defaultFile === undefined) printed.push(text);
    else await intoFolder(folder, reporter.defaultFile, text);
  }
  await folder.becomeLatest();
  if (folder.failure !== undefined) throw unwritable(folder.path, folder.failure);
  if (options.json) context.stdout.write(formatJson(result));
  else if (options.quiet) printLine(context, `${result.verdict} ${how.runDir ?? ''}`);
  else context.stdout.write(printed.length > 0 ? printed.join('\n') : reporters.summary.format(result, how));
}

/** The error of results that cannot be kept. */
export function unwritable(path: string, cause: unknown): AppError {
  return new AppError('results-unwritable', `The results cannot be written to ${path}: ${messageOf(cause)}.`, {
    hint: 'Free some space, or name another folder with --out.',
    cause,
  });
}

function summaryOptions(run: ReportedRun, context: CommandContext): SummaryOptions {
  const { color, unicode } = terminalAbilities(context);
  const { file, folder, command } = run;
  const shown = relative(context.cwd, folder.path);
  return {
    color,
    unicode,
    width: context.columns,
    scenarioPath: isAbsolute(file) ? relative(context.cwd, file) || file : file,
    runDir: shown.startsWith('..') ? folder.path : shown,
    repeatCommand: command,
  };
}

async function intoFolder(folder: RunFolder, name: string, text: string): Promise<void> {
  try {
    await folder.writeFile(name, text);
  } catch (error) {
    throw unwritable(folder.path, error);
  }
}

async function writeTo(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
}
