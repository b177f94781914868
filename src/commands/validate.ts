import { type ExitCode, exitCode } from '../core/exit-code.js';
import { visible } from '../core/visible.js';
import { formatIssue } from '../scenario/issue.js';
import { parseScenario } from '../scenario/parse.js';
import { readScenario } from '../scenario/source.js';
import { type CommandContext, printLine } from './context.js';
import type { ValidateOptions } from './scenario-entries.js';

/** Checks every file and prints what was found; the mistakes are this command's output, not its failure. */
export async function runValidate(options: ValidateOptions, context: CommandContext): Promise<ExitCode> {
  let code: ExitCode = exitCode.ok;
  for (const nameOrFile of options.files) {
    const { file, text } = await readScenario(nameOrFile, context.cwd);
    const parsed = parseScenario(text, file);
    switch (parsed.type) {
      case 'scenario':
        printLine(context, `✓ ${visible(file)}: ${visible(parsed.scenario.name)}`);
        break;
      case 'issues':
        code = exitCode.usage;
        for (const issue of parsed.issues) printLine(context, formatIssue(issue));
        printLine(context, `✗ ${visible(file)}: ${countOf(parsed.issues.length)}`);
        break;
    }
  }
  return code;
}

function countOf(issues: number): string {
  return issues === 1 ? '1 mistake' : `${issues} mistakes`;
}
