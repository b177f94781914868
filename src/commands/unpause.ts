import type { ExitCode } from '../core/exit-code.js';
import type { NodeOptions } from './cluster-entries.js';
import type { CommandContext } from './context.js';
import { operate } from './operate.js';

/** `cluster-chat unpause`: lets a frozen process go on. */
export async function runUnpause(options: NodeOptions, context: CommandContext): Promise<ExitCode> {
  return operate('unpause', 'unpaused', options, context);
}
