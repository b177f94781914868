import { type ExitCode, exitCode } from '../core/exit-code.js';
import { scenarioJsonSchema } from '../scenario/json-schema.js';
import { type CommandContext, printLine } from './context.js';

/** Prints the JSON Schema of a scenario. */
export async function runSchema(_options: object, context: CommandContext): Promise<ExitCode> {
  printLine(context, JSON.stringify(scenarioJsonSchema(), null, 2));
  return exitCode.ok;
}
