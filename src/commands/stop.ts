import type { ExitCode } from '../core/exit-code.js';
import type { NodeOptions } from './cluster-entries.js';
import type { CommandContext } from './context.js';
import { operate } from './operate.js';

/** `cluster-chat stop`: drains a process and ends it. */
export async function runStop(options: NodeOptions, context: CommandContext): Promise<ExitCode> {
  return operate('stop', 'stopped', options, context);
}
