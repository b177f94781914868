import { AppError } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { formatCount } from '../core/quantity.js';
import { visible } from '../core/visible.js';
import type { Result } from '../record/result.js';
import type { EventLine } from '../record/snapshot.js';
import { formatMoment } from '../report/figures.js';
import { createStyle, type Style } from '../report/style.js';
import { reachLines } from '../report/summary/reach.js';
import { prepareRun } from '../scenario/prepare.js';
import { runScenario } from '../scenario/runner.js';
import { readScenario } from '../scenario/source.js';
import { aboutProgram } from './about.js';
import { type CommandContext, printLine } from './context.js';
import { type DemoAct, demoActs } from './demo-acts.js';
import { repeatCommand } from './repeat-command.js';
import { listenForRunEnding, type RunEnding } from './run-ending.js';
import type { DemoOptions } from './scenario-entries.js';
import { terminalAbilities } from './terminal.js';

const defaultSeed = 4711;
/** All acts together take about 40 s; past this something hangs. */
const timeoutMs = 180_000;

/**
 * `cluster-chat demo`: the subject told in three acts on real processes, each with its caption, its figures and
 * the command that repeats it. Ends with 0 when every act showed what its caption says.
 */
export async function runDemo(options: DemoOptions, context: CommandContext): Promise<ExitCode> {
  const seed = options.seed ?? defaultSeed;
  const style = createStyle({ ...terminalAbilities(context), width: context.columns });
  const print = (line: string): void => printLine(context, line);
  using ending = listenForRunEnding(context, { timeoutMs });
  const surprises: string[] = [];
  for (const [index, act] of demoActs.entries()) {
    print('');
    print(`  ${style.paint.bold(`${index + 1}. ${act.title}`)}`);
    for (const line of act.caption) print(`     ${line}`);
    print('');
    const command = repeatCommand({ scenario: act.scenario, set: act.set, workers: undefined, allowExec: false }, seed);
    const result = await performAct(act, seed, command, ending, context);
    if (result === undefined) return ending.code();
    for (const line of [...actFigures(result, style), '', `     again: ${command}`]) print(line);
    const surprise = act.surprise(result);
    if (surprise !== undefined) surprises.push(`act ${index + 1}: ${surprise}`);
  }
  print('');
  if (surprises.length > 0) {
    for (const surprise of surprises) print(`  ${style.paint.red(`${style.symbols.failed} ${surprise}`)}`);
    return exitCode.failed;
  }
  print('  That is the whole story. Break a cluster yourself:');
  print('     npx cluster-chat up            and kill a node with the key x');
  print(`     npx cluster-chat demo --seed ${seed}   tells this tour again`);
  print('');
  return exitCode.ok;
}

/** @returns undefined when the user ended it */
async function performAct(
  act: DemoAct,
  seed: number,
  command: string,
  ending: RunEnding,
  context: CommandContext,
): Promise<Result | undefined> {
  const source = await readScenario(act.scenario, context.cwd);
  const { scenario, file, workers } = prepareRun(source, { set: act.set, seed, workers: undefined });
  try {
    const result = await runScenario(scenario, {
      seed,
      workers,
      env: context.env,
      isExecAllowed: false,
      folder: undefined,
      about: aboutProgram(context, { scenario: file, command }),
      stop: ending.stop,
      abort: ending.abort,
      onEvent: (event) => narrate(event, context),
    });
    return ending.stop.aborted ? undefined : result;
  } catch (error) {
    if (error instanceof AppError || !ending.stop.aborted) throw error;
    return undefined;
  }
}

function narrate({ atMs, text }: EventLine, context: CommandContext): void {
  printLine(context, `     ${formatMoment(atMs).padStart(6)}  ${visible(text)}`);
}

function actFigures(result: Result, style: Style): string[] {
  const { once, late, missing } = result.delivery;
  const { paint } = style;
  const arrived = `${formatCount(once + late)} of ${formatCount(once + late + missing)} deliveries arrived`;
  const lost = missing === 0 ? paint.green('none is missing') : paint.red(`${formatCount(missing)} are missing`);
  const recovered = late === 0 ? '' : `, ${formatCount(late)} of them late or recovered`;
  return [
    '',
    `     ${arrived}${recovered}; ${lost}`,
    ...reachLines(result.reach, style, 'REACH').map((line) => `  ${line}`),
  ];
}
