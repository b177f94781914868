import type { AppError } from '../core/errors.js';
import { redactText } from '../core/redact-text.js';
import { visible } from '../core/visible.js';
import type { CommandContext } from './context.js';

/** Says on stderr what went wrong without ending the command, with its cure. */
export function warn(context: CommandContext, error: Pick<AppError, 'message' | 'hint'>): void {
  const lines = [`warning: ${error.message}`, ...(error.hint === undefined ? [] : [`  ${error.hint}`])];
  context.stderr.write(lines.map((line) => `${visible(redactText(line))}\n`).join(''));
}
