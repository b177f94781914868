import { findCluster } from '../cluster/control-client.js';
import { startDetached } from '../cluster/detach.js';
import { placeOf } from '../cluster/project.js';
import { cleanStale } from '../cluster/project-claim.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { processAgeMs } from '../core/process-age.js';
import type { UpOptions } from './cluster-entries.js';
import { type CommandContext, printLine } from './context.js';
import { listenForEnd } from './end-request.js';
import { upBanner, upDocument } from './up-banner.js';
import { brokerVariable, isPortExplicit, topologyOf, upSessionsVariable } from './up-topology.js';

/** Starts a supervisor in the background and waits until its cluster is ready; its failure is ours. */
export async function upDetached(options: UpOptions, context: CommandContext): Promise<ExitCode> {
  const { brokerKind, sessions = 'memory' } = topologyOf(options, context);
  const place = placeOf(context.cwd, options.project);
  using end = listenForEnd(context);
  // Here rather than there, because there it would be said to a log file.
  const cleaned = await cleanStale(place);
  const started = await startDetached(wordsFor(options, context), place, {
    cwd: context.cwd,
    env: { ...context.env, [brokerVariable]: brokerKind, [upSessionsVariable]: sessions },
    signal: end.first,
  });
  if (started.type === 'failed') {
    if (end.first.aborted) return end.forcedCode();
    context.stderr.write(started.output);
    return Object.values(exitCode).find((code) => code === started.exit.code) ?? exitCode.internal;
  }
  const processes = await findCluster(context.cwd, options.project).status();
  const facts = { options, brokerKind, processes, readyMs: processAgeMs(), cleaned };
  const words = options.json ? [JSON.stringify(upDocument(facts))] : upBanner(facts);
  for (const line of words) printLine(context, line);
  return exitCode.ok;
}

/** The command line of the supervisor: the same cluster, in the foreground of nobody. */
function wordsFor(options: UpOptions, context: CommandContext): string[] {
  return [
    'up',
    ...['--nodes', String(options.nodes), '--balancer', options.balancer, '--policy', options.policy],
    ...['--project', options.project],
    ...(options.history === undefined ? [] : ['--history', `${options.history}ms`]),
    ...(isPortExplicit(context) ? ['--port', String(options.port)] : []),
  ];
}
