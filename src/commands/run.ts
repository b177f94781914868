import { availableParallelism } from 'node:os';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { wallMs } from '../core/clock.js';
import { descriptorLimit } from '../core/descriptors.js';
import { AppError, messageOf } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { packageVersion } from '../core/package-root.js';
import { randomSeed } from '../core/random.js';
import type { Result } from '../record/result.js';
import { RunFolder, runFolderName } from '../record/run-folder.js';
import { formatJson } from '../report/json.js';
import { reporterOf } from '../report/reporters.js';
import type { SummaryOptions } from '../report/summary.js';
import { parseScenario } from '../scenario/parse.js';
import { checkDescriptors, workerCount } from '../scenario/preflight.js';
import { runScenario } from '../scenario/runner.js';
import type { Scenario } from '../scenario/scenario.js';
import { scenarioError } from '../scenario/scenario-error.js';
import { readScenario } from '../scenario/source.js';
import { type CommandContext, printLine } from './context.js';
import { describeRun, listBuiltins } from './run-listing.js';
import { repeatCommand } from './repeat-command.js';
import { openRunScreen, type RunScreen } from './run-screen.js';
import type { RunOptions } from './scenario-entries.js';
import { twoStepStop } from './two-step-stop.js';

/** A `--reporter name[=file]`. */
interface ReporterWish {
  readonly name: string;
  readonly file: string | undefined;
}

function wishesOf(options: RunOptions): ReporterWish[] {
  return options.reporter.map((text) => {
    const at = text.indexOf('=');
    const wish = at < 0 ? { name: text, file: undefined } : { name: text.slice(0, at), file: text.slice(at + 1) };
    // A name that does not exist must be known before the run, not after it.
    reporterOf(wish.name);
    return wish;
  });
}

const exitCodes: Readonly<Record<Result['verdict'], ExitCode>> = {
  pass: exitCode.ok,
  fail: exitCode.failed,
  inconclusive: exitCode.inconclusive,
};

/** `cluster-chat run`: one scenario from its file to its verdict. */
export async function runRun(options: RunOptions, context: CommandContext): Promise<ExitCode> {
  if (options.scenario === undefined) return listBuiltins(context);
  const wishes = wishesOf(options);
  const { file, text } = await readScenario(options.scenario, context.cwd);
  const parsed = parseScenario(text, file, options.set);
  if (parsed.type === 'issues') throw scenarioError(file, parsed.issues);
  const { scenario } = parsed;
  const seed = options.seed ?? scenario.seed ?? randomSeed();
  const clients = scenario.clients.reduce((sum, group) => sum + group.count, 0);
  const workers = options.workers ?? workerCount(clients, availableParallelism(), descriptorLimit());
  checkDescriptors(scenario, workers, descriptorLimit());
  const command = repeatCommand({ ...options, scenario: options.scenario }, seed);
  if (options.dryRun) return describeRun(scenario, { seed, workers, command }, context);
  const folder = await makeFolder(options, scenario, context);
  const screen = await openRunScreen(options, scenario, context);
  try {
    const outcome = await perform(scenario, { seed, workers, command, file, folder, screen, options, context });
    screen.close();
    await folder.writeFile('result.json', formatJson(outcome.result, summaryOptions(file, folder, command, context)));
    await folder.becomeLatest();
    await writeReports(wishes, outcome.result, { file, folder, command, options, context });
    if (folder.failure !== undefined) throw unwritable(folder.path, folder.failure);
    return outcome.code;
  } finally {
    screen.close();
    await folder.close();
  }
}

interface Performance {
  readonly seed: number;
  readonly workers: number;
  readonly command: string;
  readonly file: string;
  readonly folder: RunFolder;
  readonly screen: RunScreen;
  readonly options: RunOptions;
  readonly context: CommandContext;
}

/** The run itself between its two ways to be interrupted and its time limit. */
async function perform(scenario: Scenario, parts: Performance): Promise<{ result: Result; code: ExitCode }> {
  const { context, screen } = parts;
  const stopping = twoStepStop(context, {
    timeoutMs: scenario.timeoutMs,
    onFirst: () => screen.event({ atMs: 0, level: 'warning', text: 'stopping: drain and report; once more to kill' }),
  });
  screen.onQuit((force) => (force ? stopping.abort() : stopping.stop()));
  try {
    const result = await runScenario(scenario, {
      seed: parts.seed,
      workers: parts.workers,
      env: context.env,
      isExecAllowed: parts.options.allowExec,
      folder: parts.folder,
      about: {
        version: packageVersion(),
        node: process.versions.node,
        platform: `${process.platform} ${process.arch}`,
        cpus: availableParallelism(),
        startedAt: new Date(wallMs()).toISOString(),
        scenario: parts.file,
        command: parts.command,
      },
      stop: stopping.stopSignal,
      abort: stopping.abortSignal,
      onEvent: (line) => screen.event(line),
      onSnapshot: screen.wantsSnapshots ? (snapshot, processes) => screen.snapshot(snapshot, processes) : undefined,
      onSystem: (system) => screen.system(system.cluster),
    });
    const code = exitCodes[result.verdict];
    // A finished verdict of failure wins over the signal that ended the run early.
    return { result, code: result.partial && code !== exitCode.failed ? stopping.signalCode() : code };
  } catch (error) {
    if (stopping.abortSignal.aborted && !(error instanceof AppError)) throw stopping.interruption();
    throw error;
  } finally {
    stopping.close();
  }
}

async function makeFolder(options: RunOptions, scenario: Scenario, context: CommandContext): Promise<RunFolder> {
  const name = runFolderName(new Date(context.clock.wallMs()), scenario.name);
  const path = options.out === undefined ? join(context.cwd, '.cluster-chat', 'runs', name) : resolve(context.cwd, options.out);
  for (let copy = 1; ; copy++) {
    try {
      return await RunFolder.create(copy === 1 ? path : `${path}-${copy}`);
    } catch (error) {
      // Two runs of the same second want the same folder; one that the user named must not hold another run.
      if (!messageOf(error).includes('EEXIST') || options.out !== undefined || copy === 100) throw unwritable(path, error);
    }
  }
}

function unwritable(path: string, cause: unknown): AppError {
  return new AppError('results-unwritable', `The results cannot be written to ${path}: ${messageOf(cause)}.`, {
    hint: 'Free some space, or name another folder with --out.',
    cause,
  });
}

interface ReportParts {
  readonly file: string;
  readonly folder: RunFolder;
  readonly command: string;
  readonly options: RunOptions;
  readonly context: CommandContext;
}

function summaryOptions(file: string, folder: RunFolder, command: string, context: CommandContext): SummaryOptions {
  const shown = relative(context.cwd, folder.path);
  return {
    color: context.isTTY && !context.env['NO_COLOR'],
    unicode: /utf-?8/i.test(context.env['LC_ALL'] || context.env['LC_CTYPE'] || context.env['LANG'] || 'utf8'),
    width: context.columns,
    scenarioPath: isAbsolute(file) ? relative(context.cwd, file) || file : file,
    runDir: shown.startsWith('..') ? folder.path : shown,
    repeatCommand: command,
  };
}

async function writeReports(wishes: readonly ReporterWish[], result: Result, parts: ReportParts): Promise<void> {
  const { folder, options, context } = parts;
  const how = summaryOptions(parts.file, folder, parts.command, context);
  for (const { name, file } of wishes) {
    const reporter = reporterOf(name);
    const text = reporter.format(result, how);
    if (file !== undefined) await writeTo(resolve(context.cwd, file), text);
    else if (reporter.defaultFile !== undefined && name !== 'json') await folder.writeFile(reporter.defaultFile, text);
    else if (name !== 'json') context.stdout.write(text);
  }
  if (options.json) context.stdout.write(formatJson(result, how));
  else if (options.quiet) printLine(context, `${result.verdict} ${how.runDir}`);
  else if (!wishes.some(({ name, file }) => file === undefined && (name === 'summary' || name === 'plain'))) {
    context.stdout.write(reporterOf('summary').format(result, how));
  }
}

async function writeTo(path: string, text: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  try {
    await writeFile(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
}
