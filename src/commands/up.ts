import type { ExitCode } from '../core/exit-code.js';
import type { UpOptions } from './cluster-entries.js';
import type { CommandContext } from './context.js';
import { upDetached } from './up-detached.js';
import { upForeground } from './up-foreground.js';

/** `cluster-chat up`: a cluster until Ctrl-C, or in the background with `--detach`. */
export async function runUp(options: UpOptions, context: CommandContext): Promise<ExitCode> {
  return options.detach ? upDetached(options, context) : upForeground(options, context);
}
