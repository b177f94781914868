import type { ExitCode } from '../core/exit-code.js';
import type { NodeOptions } from './cluster-entries.js';
import type { CommandContext } from './context.js';
import { operate } from './operate.js';

/** `cluster-chat start`: starts a process that is down, on the port that it had; done when it is ready. */
export async function runStart(options: NodeOptions, context: CommandContext): Promise<ExitCode> {
  return operate('start', 'started', options, context);
}
