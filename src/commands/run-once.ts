import { AppError } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import type { Result, Verdict } from '../record/result.js';
import type { RunFolder } from '../record/run-folder.js';
import type { PreparedRun } from '../scenario/prepare.js';
import { runScenario } from '../scenario/runner.js';
import { aboutProgram } from './about.js';
import type { CommandContext } from './context.js';
import type { RunEnding } from './run-ending.js';
import { type ReporterWish, writeReports } from './run-reports.js';
import type { RunScreen } from './run-screen.js';
import type { RunOptions } from './scenario-entries.js';
import { warn } from './warn.js';

/** Exit code of a verdict. */
export const verdictCode: Readonly<Record<Verdict, ExitCode>> = {
  pass: exitCode.ok,
  fail: exitCode.failed,
  inconclusive: exitCode.inconclusive,
};

/** A run that can be started. */
export interface PlannedRun extends PreparedRun {
  /** The command that runs the same again. */
  readonly command: string;
}

/** Performs a run. @returns undefined when it was broken off before there was anything to judge */
export async function performRun(
  plan: PlannedRun,
  options: Pick<RunOptions, 'allowExec'>,
  around: { readonly folder: RunFolder; readonly ending: RunEnding; readonly screen: RunScreen },
  context: CommandContext,
): Promise<Result | undefined> {
  const { folder, ending, screen } = around;
  try {
    return await runScenario(plan.scenario, {
      ...{ seed: plan.seed, workers: plan.workers, folder, env: context.env, isExecAllowed: options.allowExec },
      about: aboutProgram(context, { scenario: plan.file, command: plan.command }),
      stop: ending.stop,
      abort: ending.abort,
      onEvent: screen.event,
      onSnapshot: screen.snapshot,
      onSystem: screen.breakable,
    });
  } catch (error) {
    if (error instanceof AppError || !ending.stop.aborted) throw error;
    return undefined;
  } finally {
    screen.close();
  }
}

/** `result.json`, which every run leaves behind. */
const resultWish: ReporterWish = { name: 'json', file: undefined };

/**
 * Ends the record, and writes `result.json` and the reports into the run's folder. A disk that takes no more costs the
 * files and never the verdict: it is said on stderr. A report that was sent to a file by name is another matter:
 * without it whoever waits for it goes wrong.
 * @returns what is to be printed, and the error of a named file
 */
export async function keepResult(
  result: Result,
  folder: RunFolder,
  wishes: readonly ReporterWish[],
  context: CommandContext,
): Promise<{ readonly printed: readonly string[]; readonly failure: AppError | undefined }> {
  // Only then it is known whether every event is on the disk.
  await folder.close();
  const others = wishes.filter(({ name, file }) => name !== resultWish.name || file !== undefined);
  const place = { keep: folder.keep.bind(folder), isWhole: folder.isWhole };
  const { printed, unwritten } = await writeReports(
    { result, folder: folder.path },
    place,
    [resultWish, ...others],
    context,
  );
  const failure = unwritten.find(({ file }) => file !== undefined)?.error;
  for (const { error } of unwritten) if (error !== failure) warn(context, error);
  return { printed, failure };
}
