import { isAbsolute, join, relative, resolve } from 'node:path';
import type { AppError } from '../core/errors.js';
import { shellWord } from '../core/shell-word.js';
import type { Result } from '../record/result.js';
import { reportLost } from '../record/unwritable.js';
import { writeNamedFile } from '../record/whole-file.js';
import { formatJson } from '../report/json.js';
import { reporterOf, reporters } from '../report/reporters.js';
import type { SummaryOptions } from '../report/summary.js';
import { type CommandContext, printLine } from './context.js';
import { terminalAbilities } from './terminal.js';

/** A `--reporter name[=file]`. */
export interface ReporterWish {
  readonly name: string;
  readonly file: string | undefined;
}

/** Reads the wishes before the run: a name that does not exist must not be found out after it. */
export function reporterWishes(options: { readonly reporter: readonly string[] }): ReporterWish[] {
  return options.reporter.map((text) => {
    const at = text.indexOf('=');
    const wish = at < 0 ? { name: text, file: undefined } : { name: text.slice(0, at), file: text.slice(at + 1) };
    reporterOf(wish.name);
    return wish;
  });
}

/** A result and the folder of its run. */
export interface ReportedRun {
  readonly result: Result;
  readonly folder: string;
}

/** Where the reports of a run go. */
export interface ReportPlace {
  /** Writes a file of the run's folder, whole or not at all. */
  keep(name: string, text: string): Promise<void>;
  /** Whether the events can make every report again. */
  readonly isWhole: boolean;
}

/** A report that could not be written, and the name that the user gave its file; undefined for one in the folder. */
export interface Unwritten {
  readonly error: AppError;
  readonly file: string | undefined;
}

/**
 * Writes every report that was asked for, each whole or not at all.
 * @returns those that go to stdout, and what could not be written
 */
export async function writeReports(
  run: ReportedRun,
  { keep, isWhole }: ReportPlace,
  wishes: readonly ReporterWish[],
  context: CommandContext,
): Promise<{ readonly printed: readonly string[]; readonly unwritten: readonly Unwritten[] }> {
  const how = summaryOptions(run, context);
  const printed: string[] = [];
  const unwritten: Unwritten[] = [];
  for (const { name, file } of wishes) {
    const { format, defaultFile } = reporterOf(name);
    const text = format(run.result, how);
    try {
      if (file !== undefined) await writeNamedFile(resolve(context.cwd, file), text);
      else if (defaultFile === undefined) printed.push(text);
      else await keep(defaultFile, text);
    } catch (error) {
      const path = file ?? shownPath(join(run.folder, defaultFile ?? ''), context);
      const wish = shellWord(file === undefined ? name : `${name}=${file}`);
      const again = `cluster-chat report ${shellWord(shownPath(run.folder, context))} --reporter ${wish}`;
      unwritten.push({ error: reportLost(path, error, isWhole ? again : undefined), file });
    }
  }
  return { printed, unwritten };
}

/** Prints what belongs on stdout: the summary, unless another report took its place. */
export function printReport(
  run: ReportedRun,
  printed: readonly string[],
  options: { readonly json: boolean; readonly quiet: boolean },
  context: CommandContext,
): void {
  const how = summaryOptions(run, context);
  if (options.json) context.stdout.write(formatJson(run.result));
  else if (options.quiet) printLine(context, `${run.result.verdict} ${how.runDir ?? ''}`);
  else context.stdout.write(printed.length > 0 ? printed.join('\n') : reporters.summary.format(run.result, how));
}

/** A path as it is shorter to read: from the working directory, where it lies below it. */
export function shownPath(path: string, context: CommandContext): string {
  const shown = relative(context.cwd, path);
  return shown === '' ? '.' : shown.startsWith('..') ? path : shown;
}

function summaryOptions({ result, folder }: ReportedRun, context: CommandContext): SummaryOptions {
  const { color, unicode } = terminalAbilities(context);
  const { scenario, command } = result.manifest;
  return {
    color,
    unicode,
    width: context.columns,
    scenarioPath: isAbsolute(scenario) ? relative(context.cwd, scenario) || scenario : scenario,
    runDir: shownPath(folder, context),
    repeatCommand: command,
  };
}
