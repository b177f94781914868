import { findCluster, type RemoteCluster } from '../cluster/control-client.js';
import { waitUntil } from '../core/clock.js';
import { AppError, messageOf } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { formatDuration } from '../core/quantity.js';
import type { ProcessStatus } from '../record/snapshot.js';
import type { RolloutOptions } from './cluster-entries.js';
import { type CommandContext, printLine } from './context.js';

/** A node that is busy with the clients of another may not answer for a moment, or be without its broker. */
const settleTimeoutMs = 5000;

/** What became of one node; also a part of what `--json` prints. */
interface NodeRollout {
  readonly name: string;
  outcome: 'untouched' | 'restarted' | 'failed';
  /** From taking it out of the balancer until it was ready and in again; null while it was not. */
  tookMs: number | null;
}

/**
 * `cluster-chat rollout`: restarts all nodes, one after the other, each drained first and ready again before the
 * next one goes. It ends at the first that does not come back, and begins no step while another node is
 * away, so that it never takes away a second one. The supervisor bounds every step; one that is under way when
 * this command is interrupted is still carried out by it.
 */
export async function runRollout(options: RolloutOptions, context: CommandContext): Promise<ExitCode> {
  const cluster = findCluster(context.cwd, options.project);
  const startMs = context.clock.nowMs();
  const nodes = (await expectAllUp(cluster)).map((name): NodeRollout => ({ name, outcome: 'untouched', tookMs: null }));
  try {
    for (const [index, node] of nodes.entries()) {
      await restart(cluster, node, context);
      const took = formatDuration(node.tookMs ?? 0);
      if (!options.json) printLine(context, `${node.name} restarted in ${took} (${index + 1} of ${nodes.length})`);
    }
  } catch (error) {
    if (options.json) printDocument(options, nodes, context.clock.nowMs() - startMs, context);
    throw stoppedAt(error, nodes);
  }
  const tookMs = context.clock.nowMs() - startMs;
  if (options.json) printDocument(options, nodes, tookMs, context);
  else printLine(context, `all nodes restarted in ${formatDuration(tookMs)}`);
  return exitCode.ok;
}

async function restart(cluster: RemoteCluster, node: NodeRollout, context: CommandContext): Promise<void> {
  await expectAllUp(cluster);
  const startMs = context.clock.nowMs();
  // From here on it is this node that the rollout ended at.
  node.outcome = 'failed';
  await cluster.operate('restart', node.name);
  // It was ready, and may have died of what it met then.
  await expectAllUp(cluster);
  node.outcome = 'restarted';
  node.tookMs = context.clock.nowMs() - startMs;
}

/**
 * @returns the names of all nodes
 * @throws AppError `control-failed` when one of them serves nobody
 */
async function expectAllUp(cluster: RemoteCluster): Promise<string[]> {
  let nodes: readonly ProcessStatus[] = [];
  const isSettled = async (): Promise<boolean> => {
    nodes = (await cluster.status()).filter(({ role }) => role === 'node');
    return nodes.every((node) => serves(node) || node.state === 'down' || node.state === 'failed');
  };
  await waitUntil(isSettled, { timeoutMs: settleTimeoutMs, everyMs: 100 });
  const away = nodes.find((node) => !serves(node));
  if (away === undefined) return nodes.map(({ name }) => name);
  const state = away.state === 'up' ? 'not ready' : away.state;
  const hint = `See "cluster-chat logs ${away.name}"; then try "cluster-chat restart ${away.name}".`;
  throw new AppError('control-failed', `${away.name} is ${state}, so no other node may be taken away`, { hint });
}

/** Whether clients can be left to a node. A user's own server may say nothing of being ready. */
function serves({ state, ready }: ProcessStatus): boolean {
  return state === 'up' && ready !== false;
}

function stoppedAt(error: unknown, nodes: readonly NodeRollout[]): AppError {
  const known = error instanceof AppError ? error : new AppError('internal', messageOf(error), { cause: error });
  const left = nodes.filter(({ outcome }) => outcome === 'untouched').map(({ name }) => name);
  const at = nodes.find(({ outcome }) => outcome === 'failed')?.name ?? left[0] ?? '';
  const rest = left.length === 0 ? '' : `\n  not restarted: ${left.join(', ')}`;
  const options = known.hint === undefined ? {} : { hint: known.hint };
  return new AppError(known.code, `the rollout stopped at ${at}: ${known.message}${rest}`, options);
}

function printDocument(
  { project }: RolloutOptions,
  nodes: readonly NodeRollout[],
  tookMs: number,
  context: CommandContext,
): void {
  printLine(context, JSON.stringify({ schema: 'cluster-chat/rollout@1', project, nodes, tookMs }));
}
