import type { ExitCode } from '../core/exit-code.js';
import type { NodeOptions } from './cluster-entries.js';
import type { CommandContext } from './context.js';
import { operate } from './operate.js';

/** `cluster-chat pause`: freezes a process, whose connections stay open; done when it is seen to stand still. */
export async function runPause(options: NodeOptions, context: CommandContext): Promise<ExitCode> {
  return operate('pause', 'paused', options, context);
}
