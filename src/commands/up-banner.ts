import { formatDuration } from '../core/quantity.js';
import { redactUrl } from '../core/redact.js';
import type { ProcessStatus } from '../record/snapshot.js';
import type { UpOptions } from './cluster-entries.js';

/** What `up` tells when the cluster is ready, in the foreground and in the background. */
export interface UpFacts {
  readonly options: UpOptions;
  /** `simple`, `embedded` or a URL. */
  readonly brokerKind: string;
  readonly processes: readonly ProcessStatus[];
  readonly readyMs: number;
  /** Processes of a killed predecessor that were ended; undefined when there was none. */
  readonly cleaned: number | undefined;
}

/** For people: where everything is, and what to try next. */
export function upBanner(facts: UpFacts): string[] {
  const { options, processes } = facts;
  const nodes = processes.filter(({ role }) => role === 'node');
  const rows = [
    ...processes.filter(({ role }) => role === 'balancer'),
    ...nodes,
    ...processes.filter(({ role }) => role === 'broker'),
  ].map(({ name, url }): [string, string] => [name, url ?? '']);
  const pages: [string, string][] = [['metrics', httpUrl(nodes[0], '/metrics')]];
  const name = `${options.nodes} ${options.nodes === 1 ? 'node' : 'nodes'}`;
  return [
    ...noticesOf(facts),
    `${name} · broker ${redactUrl(facts.brokerKind)} · ready in ${formatSeconds(facts.readyMs)}`,
    '',
    ...[...rows, ...pages].map(([label, url]) => `  ${label.padEnd(10)} ${url}`),
    '',
    '  Try next, in another terminal:',
    ...suggestionsOf(options).map((line) => `    ${line}`),
    '',
  ];
}

/** For programs. */
export function upDocument(facts: UpFacts): unknown {
  const balancer = facts.processes.find(({ role }) => role === 'balancer');
  const nodes = facts.processes.filter(({ role }) => role === 'node');
  return {
    schema: 'cluster-chat/up@1',
    project: facts.options.project,
    broker: redactUrl(facts.brokerKind),
    balancer: balancer === undefined ? null : { url: balancer.url, port: balancer.port },
    nodes: nodes.map(({ name, url, port }) => ({ name, url, port })),
    readyMs: Math.round(facts.readyMs),
    cleaned: facts.cleaned ?? null,
  };
}

/** What went differently from what was asked for. */
function noticesOf(facts: UpFacts): string[] {
  const { options, cleaned } = facts;
  const front = frontOf(facts);
  const asked = front?.role === 'balancer' ? options.port : options.port + 1;
  const hasMoved = options.port !== 0 && front !== undefined && front.port !== asked;
  const processes = cleaned === 1 ? '1 process' : `${cleaned} processes`;
  return [
    ...(cleaned === undefined ? [] : [`cleaned up after a cluster that was killed (${processes} ended)`]),
    ...(hasMoved
      ? [`a port of ${options.port} to ${options.port + options.nodes} is taken: using ${front.port} on`]
      : []),
  ];
}

function frontOf(facts: UpFacts): ProcessStatus | undefined {
  return facts.processes.find(({ role }) => role === 'balancer') ?? facts.processes.find(({ role }) => role === 'node');
}

function suggestionsOf(options: UpOptions): string[] {
  const project = options.project === 'default' ? '' : ` -p ${options.project}`;
  return [
    `cluster-chat kill${project} node-${Math.min(2, options.nodes)}`,
    `cluster-chat ps${project}`,
    'cluster-chat run failover',
  ];
}

function httpUrl(status: ProcessStatus | undefined, path: string): string {
  if (status?.url === null || status === undefined) return '';
  const url = new URL(status.url.replace(/^ws/, 'http'));
  return `${url.origin}${path}`;
}

function formatSeconds(ms: number): string {
  return ms < 60_000 ? `${(ms / 1000).toFixed(2)}s` : formatDuration(ms);
}
