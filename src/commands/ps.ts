import { findCluster } from '../cluster/control-client.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { formatDuration, formatSize } from '../core/quantity.js';
import { visible } from '../core/visible.js';
import type { ProcessStatus } from '../record/snapshot.js';
import type { PsOptions } from './cluster-entries.js';
import { type CommandContext, printLine } from './context.js';

const columns: readonly [string, (status: ProcessStatus) => string][] = [
  ['NAME', ({ name }) => name],
  // A node without its broker lives, and takes nobody.
  ['STATE', ({ state, ready }) => (state === 'up' && ready === false ? 'not ready' : state)],
  ['PID', ({ pid }) => textOf(pid)],
  ['PORT', ({ port }) => textOf(port)],
  ['CONNECTIONS', ({ connections }) => textOf(connections)],
  ['MEMORY', ({ rssBytes }) => (rssBytes === null ? '-' : formatSize(rssBytes))],
  ['UPTIME', ({ uptimeMs }) => (uptimeMs === null ? '-' : formatDuration(uptimeMs))],
  ['RESTARTS', ({ restarts }) => String(restarts)],
  ['URL', ({ url }) => url ?? '-'],
];

/** `cluster-chat ps`: every process of a running cluster, asked now. */
export async function runPs(options: PsOptions, context: CommandContext): Promise<ExitCode> {
  const cluster = findCluster(context.cwd, options.project);
  const processes = await cluster.status();
  if (options.json) {
    printLine(context, JSON.stringify({ schema: 'cluster-chat/ps@1', project: options.project, processes }));
  } else {
    for (const line of table(processes)) printLine(context, line);
  }
  return exitCode.ok;
}

function table(processes: readonly ProcessStatus[]): string[] {
  const rows = [
    columns.map(([title]) => title),
    // Names and URLs may come from a program of the user.
    ...processes.map((status) => columns.map(([, cell]) => visible(cell(status)))),
  ];
  const widths = columns.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function textOf(value: number | null): string {
  return value === null ? '-' : String(value);
}
