import { join } from 'node:path';
import { AppError } from '../core/errors.js';
import type { ExitCode } from '../core/exit-code.js';
import type { Repeat } from '../record/repeat.js';
import { writeWholeFile } from '../record/whole-file.js';
import { formatJson } from '../report/json.js';
import { repeatedRunLine, repeatLines } from '../report/repeat.js';
import { createStyle } from '../report/style.js';
import type { ReadRun } from '../scenario/read-run.js';
import { readRuns } from '../scenario/read-runs.js';
import { type CommandContext, printLine } from './context.js';
import { findRun } from './find-run.js';
import { verdictCode } from './run-once.js';
import { printReport, reporterWishes, shownPath, writeReports } from './run-reports.js';
import type { ReportOptions } from './scenario-entries.js';
import { terminalAbilities } from './terminal.js';
import { warn } from './warn.js';

/**
 * `cluster-chat report`: every report of a run again, from its events. The exit code is that of the verdict, so that a
 * pipeline may judge a run by its report; a run whose record was cut is inconclusive.
 */
export async function runReport(options: ReportOptions, context: CommandContext): Promise<ExitCode> {
  const wishes = reporterWishes(options);
  const folder = await findRun(options.run, context);
  const { runs, repeat, notes } = await readRuns(folder);
  for (const message of notes) warn(context, { message, hint: undefined });
  if (repeat !== undefined) return reportRepeat(runs, repeat, folder, options, context);
  const [run] = runs;
  if (run === undefined) throw new AppError('not-found', `There is no run in ${folder}.`);
  const keep = (name: string, text: string): Promise<void> => writeWholeFile(join(run.folder, name), text);
  const { printed, unwritten } = await writeReports(run, { keep, isWhole: true }, wishes, context);
  printReport(run, printed, options, context);
  if (unwritten[0] !== undefined) throw unwritten[0].error;
  return verdictCode[run.result.verdict];
}

function reportRepeat(
  runs: readonly ReadRun[],
  repeat: Repeat,
  folder: string,
  options: ReportOptions,
  context: CommandContext,
): ExitCode {
  if (options.reporter.length > 0) {
    throw new AppError('usage', `${shownPath(folder, context)} holds ${runs.length} runs.`, {
      hint: `Name one of them, such as ${shownPath(folder, context)}/${repeat.runs[0]?.folder}.`,
    });
  }
  const style = createStyle({ ...terminalAbilities(context), width: context.columns });
  if (options.json) context.stdout.write(formatJson(repeat));
  else if (options.quiet) printLine(context, `${repeat.verdict} ${shownPath(folder, context)}`);
  else {
    for (const { result } of runs) printLine(context, `  seed ${result.seed}  ${repeatedRunLine(result, style)}`);
    for (const line of ['', ...repeatLines(repeat, style)]) printLine(context, line);
  }
  return verdictCode[repeat.verdict];
}
