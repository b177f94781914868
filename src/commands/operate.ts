import { findCluster } from '../cluster/control-client.js';
import type { ControlVerb } from '../cluster/control-protocol.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { formatDuration } from '../core/quantity.js';
import type { NodeOptions } from './cluster-entries.js';
import { type CommandContext, printLine } from './context.js';

/**
 * Carries out a verb on one process and says how long it took until its effect was observed.
 * @param done the verb in the past tense, for people
 */
export async function operate(
  verb: Exclude<ControlVerb, 'kill'>,
  done: string,
  options: NodeOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const cluster = findCluster(context.cwd, options.project);
  const startMs = context.clock.nowMs();
  await cluster.operate(verb, options.node);
  const tookMs = context.clock.nowMs() - startMs;
  const document = { schema: `cluster-chat/${verb}@1`, project: options.project, name: options.node, tookMs };
  printLine(context, options.json ? JSON.stringify(document) : `${options.node} ${done} in ${formatDuration(tookMs)}`);
  return exitCode.ok;
}
