import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { descriptorLimit } from '../core/descriptors.js';
import { AppError, systemCodeOf } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { makeFolder } from '../core/make-folder.js';
import { randomSeed } from '../core/random.js';
import type { Result } from '../record/result.js';
import { RunFolder, runFolderName } from '../record/run-folder.js';
import { parseScenario } from '../scenario/parse.js';
import { checkDescriptors, clientCount, workerCount } from '../scenario/preflight.js';
import { runScenario } from '../scenario/runner.js';
import type { Scenario } from '../scenario/scenario.js';
import { scenarioError } from '../scenario/scenario-error.js';
import { readScenario } from '../scenario/source.js';
import { aboutProgram } from './about.js';
import { type CommandContext, printLine } from './context.js';
import { repeatCommand } from './repeat-command.js';
import { listenForRunEnding, type RunEnding } from './run-ending.js';
import { describeRun, listScenarios } from './run-listing.js';
import { reporterWishes, unwritable, writeReports } from './run-reports.js';
import { openRunScreen } from './run-screen.js';
import type { RunOptions } from './scenario-entries.js';

const exitCodes: Readonly<Record<Result['verdict'], ExitCode>> = {
  pass: exitCode.ok,
  fail: exitCode.failed,
  inconclusive: exitCode.inconclusive,
};

/** `cluster-chat run`: one scenario from its file to its verdict. */
export async function runRun(options: RunOptions, context: CommandContext): Promise<ExitCode> {
  if (options.scenario === undefined) return listScenarios(context);
  const wishes = reporterWishes(options);
  const plan = await prepare(options.scenario, options, context);
  const { scenario, file, seed, workers, command } = plan;
  if (options.dryRun) return describeRun(scenario, plan, context);
  await using folder = await openFolder(options, scenario, context);
  using ending = listenForRunEnding(context, { timeoutMs: scenario.timeoutMs });
  const screen = await openRunScreen(options, scenario.name, (force) => ending.request(force), context);
  let result: Result;
  try {
    result = await runScenario(scenario, {
      ...{ seed, workers, folder, env: context.env, isExecAllowed: options.allowExec },
      about: aboutProgram(context, { scenario: file, command }),
      stop: ending.stop,
      abort: ending.abort,
      onEvent: screen.event,
      onSnapshot: screen.snapshot,
      onSystem: screen.breakable,
    });
  } catch (error) {
    screen.close();
    return endedEarly(error, ending, context);
  } finally {
    screen.close();
  }
  await writeReports({ result, file, folder, command }, wishes, options, context);
  const code = exitCodes[result.verdict];
  // A finished verdict of failure wins over the signal that ended the run early.
  return ending.stop.aborted && code !== exitCode.failed ? ending.code() : code;
}

interface PlannedRun {
  readonly scenario: Scenario;
  readonly file: string;
  readonly seed: number;
  readonly workers: number;
  /** The command that runs the same again. */
  readonly command: string;
}

/** Everything that can be refused is refused here, before anything is started. */
async function prepare(name: string, options: RunOptions, context: CommandContext): Promise<PlannedRun> {
  const { file, text } = await readScenario(name, context.cwd);
  const parsed = parseScenario(text, file, options.set);
  if (parsed.type === 'issues') throw scenarioError(file, parsed.issues);
  const { scenario } = parsed;
  const seed = options.seed ?? scenario.seed ?? randomSeed();
  const workers = options.workers ?? workerCount(clientCount(scenario), availableParallelism(), descriptorLimit());
  checkDescriptors(scenario, workers, descriptorLimit());
  return { scenario, file, seed, workers, command: repeatCommand(options, seed) };
}

/** A run that was broken off before there was anything to judge is no failure of the program. */
function endedEarly(error: unknown, ending: RunEnding, context: CommandContext): ExitCode {
  if (error instanceof AppError || !ending.stop.aborted) throw error;
  printLine(context, 'interrupted: there is no verdict');
  return ending.code();
}

async function openFolder(options: RunOptions, scenario: Scenario, context: CommandContext): Promise<RunFolder> {
  const name = runFolderName(new Date(context.clock.wallMs()), scenario.name);
  const path = resolve(context.cwd, options.out ?? join('.cluster-chat', 'runs', name));
  for (let copy = 1; ; copy++) {
    try {
      const chosen = copy === 1 ? path : `${path}-${copy}`;
      await makeFolder(chosen, 0o700);
      return await RunFolder.create(chosen);
    } catch (error) {
      // Two runs of the same second want the same folder; one that the user named must not hold another run.
      const isTaken = systemCodeOf(error) === 'EEXIST';
      if (!isTaken || options.out !== undefined || copy === 100) throw unwritable(path, error);
    }
  }
}
