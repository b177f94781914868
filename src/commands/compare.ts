import { type ExitCode, exitCode } from '../core/exit-code.js';
import { type ComparedRun, compareRuns } from '../record/comparison.js';
import { formatComparison } from '../report/comparison.js';
import { formatJson } from '../report/json.js';
import { createStyle } from '../report/style.js';
import { readRuns } from '../scenario/read-runs.js';
import type { CommandContext } from './context.js';
import { findRun } from './find-run.js';
import { shownPath } from './run-reports.js';
import type { CompareOptions } from './scenario-entries.js';
import { terminalAbilities } from './terminal.js';
import { warn } from './warn.js';

/** `cluster-chat compare`: what changed from A to B. Ends with 1 when something got worse, with 3 when evidence was cut. */
export async function runCompare(options: CompareOptions, context: CommandContext): Promise<ExitCode> {
  const [a, b] = [await readSide(options.runA, context), await readSide(options.runB, context)];
  const comparison = compareRuns(a, b);
  if (options.json) context.stdout.write(formatJson(comparison));
  else {
    const style = createStyle({ ...terminalAbilities(context), width: context.columns });
    context.stdout.write(formatComparison(comparison, style));
  }
  if (comparison.cut.length > 0) return exitCode.inconclusive;
  return comparison.regressions > 0 ? exitCode.failed : exitCode.ok;
}

async function readSide(
  name: string,
  context: CommandContext,
): Promise<{ readonly folder: string; readonly runs: readonly ComparedRun[] }> {
  const folder = await findRun(name, context);
  const { runs, notes } = await readRuns(folder);
  for (const message of notes) warn(context, { message, hint: undefined });
  return {
    folder: shownPath(folder, context),
    runs: runs.map((run) => ({ ...run, folder: shownPath(run.folder, context) })),
  };
}
