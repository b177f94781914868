import { CommanderError } from 'commander';
import { AppError, messageOf } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { redactText } from '../core/redact-text.js';
import { visible } from '../core/visible.js';
import { type CommandContext, flushOutput, outputFailure } from './context.js';
import { createProgram } from './program.js';

/**
 * Carries out one command line. Never rejects: every failure becomes a message on stderr and an exit
 * code. A stdout whose reader left early changes nothing about the code, so that a listing cut off by
 * `head` ends with 0 and a run with its verdict.
 */
export async function runCli(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  try {
    const program = createProgram(context, (ended) => {
      code = ended;
    });
    await program.parseAsync([...args], { from: 'user' });
  } catch (thrown) {
    code = report(thrown, context);
  }
  await flushOutput(context);
  const failure = outputFailure(context);
  if (failure === undefined) return code;
  printError(context, `the output could not be written: ${messageOf(failure)}`, 'Free some space, or write elsewhere.');
  return code === exitCode.ok ? exitCode.environment : code;
}

function report(thrown: unknown, context: CommandContext): ExitCode {
  // Commander has already written its message, or the help that was asked for.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (thrown instanceof AppError) {
    printError(context, thrown.message, thrown.hint);
    return thrown.exitCode;
  }
  return reportDefect(thrown, context);
}

/** Says what nobody foresaw, with what is needed to find it. @returns the code to end with */
export function reportDefect(thrown: unknown, context: CommandContext): ExitCode {
  printError(context, messageOf(thrown), 'This is a defect of cluster-chat; please report it with the lines below.');
  const trace = thrown instanceof Error ? (thrown.stack ?? '') : '';
  for (const line of trace.split('\n').slice(1)) context.stderr.write(`${safe(line)}\n`);
  return exitCode.internal;
}

/** Writes `error: message` and the cure, indented, under it. */
function printError(context: CommandContext, message: string, hint: string | undefined): void {
  const [first = '', ...more] = message.split('\n');
  const lines = [`error: ${first}`, ...more, ...(hint?.split('\n').map((line) => `  ${line}`) ?? [])];
  context.stderr.write(lines.map((line) => `${safe(line)}\n`).join(''));
}

function safe(line: string): string {
  return visible(redactText(line));
}
