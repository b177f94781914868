import { basename, dirname, join } from 'node:path';
import { AppError } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { shellWord } from '../core/shell-word.js';
import { becomeLatest } from '../record/latest.js';
import { type Repeat, repeatFile, summarizeRepeat } from '../record/repeat.js';
import type { Result } from '../record/result.js';
import { RunFolder } from '../record/run-folder.js';
import { recordLost, reportLost, unwritable } from '../record/unwritable.js';
import { writeWholeFile } from '../record/whole-file.js';
import { formatJson } from '../report/json.js';
import { repeatedRunLine, repeatLines } from '../report/repeat.js';
import { createStyle } from '../report/style.js';
import { type CommandContext, printLine } from './context.js';
import { listenForEnd } from './end-request.js';
import { listenForRunEnding } from './run-ending.js';
import { keepResult, type PlannedRun, performRun, verdictCode } from './run-once.js';
import { type ReporterWish, shownPath } from './run-reports.js';
import { silentScreen } from './run-screen.js';
import type { RunOptions } from './scenario-entries.js';
import { terminalAbilities } from './terminal.js';
import { warn } from './warn.js';

export interface Repetition {
  readonly plan: PlannedRun;
  /** The same run with another seed. */
  readonly withSeed: (seed: number) => PlannedRun;
  readonly times: number;
  /** The folder of the first run, in the folder of all. */
  readonly first: RunFolder;
  readonly wishes: readonly ReporterWish[];
}

/** Seeds are numbers of 32 bits. */
const seedLimit = 2 ** 32;

/** The name of a run's folder in the folder of all. @param index from 1 */
export function repeatedRunName(index: number): string {
  return `run-${index}`;
}

/**
 * Runs a scenario several times, one after the other, with the seeds that follow the first: a line for each, then the
 * spread. `repeat.json` is written anew after each run. The first signal ends the run under way, which is reported as
 * partial, and begins no other. The exit code is that of the worst verdict.
 */
export async function runRepeatedly(of: Repetition, options: RunOptions, context: CommandContext): Promise<ExitCode> {
  const folder = dirname(of.first.path);
  const style = createStyle({ ...terminalAbilities(context), width: context.columns });
  const say = (line: string): void => {
    if (options.json) context.stderr.write(`${line}\n`);
    else if (!options.quiet) printLine(context, line);
  };
  await becomeLatest(folder);
  using end = listenForEnd(context);
  const results: { folder: string; result: Result }[] = [];
  const document = (): Repeat => summarizeRepeat(results, { name: of.plan.scenario.name, times: of.times });
  let failure: unknown;
  for (let index = 1; index <= of.times && !end.first.aborted; index++) {
    const plan = of.withSeed((of.plan.seed + index - 1) % seedLimit);
    say(`run ${index} of ${of.times}  seed ${plan.seed}  ${style.safe(plan.command)}`);
    try {
      await using runFolder = index === 1 ? of.first : await openNext(join(folder, repeatedRunName(index)));
      if (end.first.aborted) {
        await runFolder.discard();
        break;
      }
      const result = await performQuietly(plan, runFolder, options, context);
      if (result === undefined) break;
      results.push({ folder: basename(runFolder.path), result });
      const { printed } = await keepResult(result, runFolder, of.wishes, context);
      say(`  ${repeatedRunLine(result, style)}`);
      for (const text of printed) say(text);
    } catch (error) {
      failure = error;
      break;
    }
    const path = join(folder, repeatFile);
    const again = `cluster-chat report ${shellWord(shownPath(folder, context))} --json > ${shellWord(path)}`;
    await writeWholeFile(path, formatJson(document())).catch((error) => warn(context, reportLost(path, error, again)));
  }
  const repeat = document();
  if (options.json) context.stdout.write(formatJson(repeat));
  else if (options.quiet) printLine(context, `${repeat.verdict} ${shownPath(folder, context)}`);
  else for (const line of ['', ...repeatLines(repeat, style), `    ${shownPath(folder, context)}`]) say(line);
  return codeOf(repeat, failure, end.first.aborted ? end.forcedCode() : undefined, context);
}

/** A failed run stays failed, whatever kept the next ones from being made. */
function codeOf(repeat: Repeat, failure: unknown, signalCode: ExitCode | undefined, context: CommandContext): ExitCode {
  const code = verdictCode[repeat.verdict];
  if (failure !== undefined) {
    if (code !== exitCode.failed || !(failure instanceof AppError)) throw failure;
    warn(context, failure);
  }
  return signalCode === undefined || code === exitCode.failed ? code : signalCode;
}

async function openNext(path: string): Promise<RunFolder> {
  try {
    return await RunFolder.create(path);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Many runs are watched by one line each. */
async function performQuietly(
  plan: PlannedRun,
  folder: RunFolder,
  options: RunOptions,
  context: CommandContext,
): Promise<Result | undefined> {
  using ending = listenForRunEnding(context, { timeoutMs: plan.scenario.timeoutMs });
  const screen = silentScreen(context);
  folder.onFailure((error) => screen.warn(recordLost(folder.path, error)));
  // Awaited here, because the end of this function is the end of listening.
  return await performRun(plan, options, { folder, ending, screen }, context);
}
