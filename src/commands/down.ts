import { takeDown } from '../cluster/take-down.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { formatDuration } from '../core/quantity.js';
import type { DownOptions } from './cluster-entries.js';
import { type CommandContext, printLine } from './context.js';

/** `cluster-chat down`: ends a cluster; done when every process of it is gone. */
export async function runDown(options: DownOptions, context: CommandContext): Promise<ExitCode> {
  const startMs = context.clock.nowMs();
  const { wasRunning, killed } = await takeDown(context.cwd, options.project);
  const tookMs = context.clock.nowMs() - startMs;
  if (options.json) {
    const document = { schema: 'cluster-chat/down@1', project: options.project, wasRunning, killed, tookMs };
    printLine(context, JSON.stringify(document));
    return exitCode.ok;
  }
  const processes = killed === 1 ? '1 process' : `${killed} processes`;
  if (!wasRunning) printLine(context, `cleaned up after a cluster that was killed (${processes} ended)`);
  else printLine(context, `down in ${formatDuration(tookMs)}${killed === 0 ? '' : ` (${processes} had to be killed)`}`);
  return exitCode.ok;
}
