import { join, resolve } from 'node:path';
import { AppError, systemCodeOf } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { becomeLatest } from '../record/latest.js';
import { RunFolder, runFolderName } from '../record/run-folder.js';
import { recordLost, unwritable } from '../record/unwritable.js';
import { prepareRun } from '../scenario/prepare.js';
import { readScenario } from '../scenario/source.js';
import { type CommandContext, printLine } from './context.js';
import { keepOldGenerationSmall } from './old-generation.js';
import { repeatCommand } from './repeat-command.js';
import { listenForRunEnding } from './run-ending.js';
import { describeRun, listScenarios } from './run-listing.js';
import { keepResult, type PlannedRun, performRun, verdictCode } from './run-once.js';
import { repeatedRunName, runRepeatedly } from './run-repeatedly.js';
import { printReport, type ReporterWish, reporterWishes } from './run-reports.js';
import { openRunScreen } from './run-screen.js';
import type { RunOptions } from './scenario-entries.js';
import { warn } from './warn.js';
import { keepYoungGenerationSmall } from './young-generation.js';

/** `cluster-chat run`: one scenario from its file to its verdict, once or several times. */
export async function runRun(options: RunOptions, context: CommandContext): Promise<ExitCode> {
  if (options.scenario === undefined) return listScenarios(context);
  const wishes = reporterWishes(options);
  const prepared = prepareRun(await readScenario(options.scenario, context.cwd), options);
  const plan: PlannedRun = { ...prepared, command: repeatCommand(options, prepared.seed) };
  if (options.dryRun) return describeRun(plan.scenario, plan, context);
  keepYoungGenerationSmall();
  keepOldGenerationSmall();
  const { repeat } = options;
  if (repeat === undefined) return runOnce(plan, wishes, options, context);
  refuseNamedFiles(wishes);
  const withSeed = (seed: number): PlannedRun => ({ ...plan, seed, command: repeatCommand(options, seed) });
  const first = await openFirst(options, plan, repeatedRunName(1), context);
  return runRepeatedly({ plan, withSeed, times: repeat, first, wishes }, options, context);
}

async function runOnce(
  plan: PlannedRun,
  wishes: readonly ReporterWish[],
  options: RunOptions,
  context: CommandContext,
): Promise<ExitCode> {
  await using folder = await openFirst(options, plan, '', context);
  await becomeLatest(folder.path);
  using ending = listenForRunEnding(context, { timeoutMs: plan.scenario.timeoutMs });
  const screen = await openRunScreen(options, plan.scenario.name, (force) => ending.request(force), context);
  folder.onFailure((error) => screen.warn(recordLost(folder.path, error)));
  const result = await performRun(plan, options, { folder, ending, screen }, context);
  if (result === undefined) {
    printLine(context, 'interrupted: there is no verdict');
    return ending.code();
  }
  const { printed, failure } = await keepResult(result, folder, wishes, context);
  printReport({ result, folder: folder.path }, printed, options, context);
  const code = verdictCode[result.verdict];
  // A finished verdict of failure wins over the signal that ended the run early, and over a report that is missing.
  if (failure !== undefined && code !== exitCode.failed) throw failure;
  if (failure !== undefined) warn(context, failure);
  return ending.stop.aborted && code !== exitCode.failed ? ending.code() : code;
}

/** Each run of a repetition would overwrite the file of the one before. */
function refuseNamedFiles(wishes: readonly ReporterWish[]): void {
  const named = wishes.find(({ file }) => file !== undefined);
  if (named === undefined) return;
  throw new AppError('usage', `--reporter ${named.name}=${named.file} names one file for many runs.`, {
    hint: `With --repeat write --reporter ${named.name}: each run keeps its own in its folder.`,
  });
}

/** The folder of the first run. @param below its name in the folder of all, or '' where it is the only one */
async function openFirst(
  options: RunOptions,
  plan: PlannedRun,
  below: string,
  context: CommandContext,
): Promise<RunFolder> {
  const name = runFolderName(new Date(context.clock.wallMs()), plan.scenario.name);
  const path = resolve(context.cwd, options.out ?? join('.cluster-chat', 'runs', name));
  for (let copy = 1; ; copy++) {
    const copied = copy === 1 ? path : `${path}-${copy}`;
    try {
      return await RunFolder.create(join(copied, below));
    } catch (error) {
      // Two runs of the same second want the same folder; one that the user named must not hold another run.
      const isTaken = systemCodeOf(error) === 'EEXIST';
      if (!isTaken || options.out !== undefined || copy === 100) throw unwritable(path, error);
    }
  }
}
