import { findCluster } from '../cluster/control-client.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { formatDuration } from '../core/quantity.js';
import type { KillOptions } from './cluster-entries.js';
import { type CommandContext, printLine } from './context.js';

/** `cluster-chat kill`: a signal, SIGKILL unless told otherwise; done when the process is seen to be gone. */
export async function runKill(options: KillOptions, context: CommandContext): Promise<ExitCode> {
  const cluster = findCluster(context.cwd, options.project);
  const outcome = await cluster.kill(options.node, signalName(options.signal));
  const { name, signal, hasExited, tookMs } = outcome;
  if (options.json) {
    printLine(context, JSON.stringify({ schema: 'cluster-chat/kill@1', project: options.project, ...outcome }));
  } else if (hasExited) {
    printLine(context, `${name} killed (${signal}) in ${formatDuration(tookMs)}`);
  } else {
    printLine(context, `${name} took ${signal} and lives on`);
  }
  return exitCode.ok;
}

/** `kill` everywhere takes `TERM`, `term` and `SIGTERM`. */
function signalName(text: string): string {
  const upper = text.toUpperCase();
  return upper.startsWith('SIG') ? upper : `SIG${upper}`;
}
