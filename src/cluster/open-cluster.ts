import { AppError, unreachable } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import type { BalancerProgram } from './balancer-program.js';
import { checkBroker } from './broker-reach.js';
import type { Cluster } from './cluster.js';
import type { ClusterOptions } from './cluster-options.js';
import { HaproxyProgram } from './haproxy-program.js';
import { LinkPassages } from './link-passages.js';
import { NginxProgram } from './nginx-program.js';
import { PassageProcess } from './passage-link.js';
import { claimPortBlock } from './port-block.js';
import { Supervisor } from './supervisor.js';
import {
  balancerSpec,
  brokerSpec,
  newClusterSecret,
  nodeNames,
  nodeSpecs,
  passagesSpec,
  type Topology,
} from './topology.js';

/**
 * Starts a cluster; resolves when every process is ready and the balancer knows the nodes. When one of them
 * fails, all are ended and it rejects: `port-taken`, `process-failed`, `not-ready`. A broker that was named must
 * answer first: `broker-unreachable`; one that is not ours cannot be told how long to keep messages: `usage`.
 */
export async function openCluster(asked: Topology, options: ClusterOptions): Promise<Cluster> {
  options.signal?.throwIfAborted();
  checkHistory(asked);
  await checkBroker(asked.brokerKind, options.signal);
  const topology = await withFreePorts(asked, options);
  const supervisor = new Supervisor(options);
  // Children that are told to end fail to start, which ends the wait below.
  const abort = (): void => void supervisor.close({ graceMs: 0 });
  options.signal?.addEventListener('abort', abort, { once: true });
  try {
    await startAll(supervisor, topology, options.env);
    options.signal?.throwIfAborted();
    return supervisor;
  } catch (error) {
    await supervisor.close({ graceMs: 0 });
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
}

function checkHistory({ brokerKind, historyMs }: Topology): void {
  if (historyMs === undefined || brokerKind === 'embedded') return;
  throw new AppError('usage', `${redactUrl(brokerKind)} cannot be told how long to keep messages (history)`, {
    hint: 'Leave history out: only the embedded broker keeps it for as long as it is told.',
  });
}

async function startAll(supervisor: Supervisor, topology: Topology, env: ClusterOptions['env']): Promise<void> {
  const secret = newClusterSecret();
  const program = balancerProgramOf(topology, env);
  supervisor.balancerProgram = program;
  supervisor.trouble.prepareClocks(topology.clocks ?? []);
  const broker = brokerSpec(topology, secret);
  const balancer = balancerSpec(topology);
  const front = [broker, balancer].flatMap((spec) =>
    spec === undefined ? [] : [supervisor.launch(supervisor.trouble.withClock(spec))],
  );
  await Promise.all(front);
  supervisor.brokerUrl = supervisor.urlOf('broker') ?? topology.brokerKind;
  const { brokerUrl } = supervisor;
  const passages = await passagesOf(supervisor, topology);
  if (topology.passages?.includes('broker')) await passages?.openToBroker(brokerUrl, nodeNames(topology));
  const brokerUrlOf = (node: string): string => passages?.brokerUrlFor(node) ?? brokerUrl;
  const specs = nodeSpecs(topology, brokerUrlOf, secret).map((spec) => supervisor.trouble.withClock(spec));
  await Promise.all(specs.map((spec) => supervisor.launch(spec)));
  // From here on `nodes` are where the passages are, for balancer and clients alike.
  if (topology.passages?.includes('clients')) await passages?.openToNodes(supervisor.nodes);
  // A program that reads a file can be started only when the addresses are known.
  if (program === undefined) await supervisor.connectBalancer();
  else await supervisor.launch(supervisor.trouble.withClock(await program.prepare(supervisor.backends)));
}

async function passagesOf(supervisor: Supervisor, topology: Topology): Promise<LinkPassages | undefined> {
  const spec = passagesSpec(topology);
  if (spec === undefined) return undefined;
  const passages = new LinkPassages(new PassageProcess(await supervisor.launch(spec)));
  supervisor.passages = passages;
  return passages;
}

/** @throws AppError `program-missing` when it is not installed; nothing was started then */
function balancerProgramOf(
  topology: Topology,
  env: Readonly<Record<string, string | undefined>>,
): BalancerProgram | undefined {
  switch (topology.balancerKind) {
    case 'haproxy':
      return new HaproxyProgram(topology, env);
    case 'nginx':
      return new NginxProgram(topology, env);
    case 'embedded':
    case 'none':
      return undefined;
    default:
      return unreachable(topology.balancerKind);
  }
}

async function withFreePorts(topology: Topology, options: ClusterOptions): Promise<Topology> {
  if (topology.port === 0) return topology;
  const host = topology.host ?? '127.0.0.1';
  const port = await claimPortBlock(host, topology.port, topology.nodes + 1, options.mayMovePorts === true);
  return { ...topology, port };
}
