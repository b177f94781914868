import type { ExitCode } from '../core/exit-code.js';
import type { NodeOptions } from './cluster-entries.js';
import type { CommandContext } from './context.js';
import { operate } from './operate.js';

/** `cluster-chat restart`: stops a process and starts it again; done when it is ready. */
export async function runRestart(options: NodeOptions, context: CommandContext): Promise<ExitCode> {
  return operate('restart', 'restarted', options, context);
}
