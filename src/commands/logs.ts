import { noCluster } from '../cluster/control-client.js';
import { type LogLine, LogReader } from '../cluster/log-reader.js';
import { placeOf } from '../cluster/project.js';
import { AppError } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import { visible } from '../core/visible.js';
import type { LogsOptions } from './cluster-entries.js';
import { type CommandContext, printLine } from './context.js';
import { listenForEnd } from './end-request.js';

/** `cluster-chat logs`: what the processes wrote, also after the cluster is gone; `-f` goes on until interrupted. */
export async function runLogs(options: LogsOptions, context: CommandContext): Promise<ExitCode> {
  const reader = new LogReader(placeOf(context.cwd, options.project).logFolder);
  using end = listenForEnd(context);
  const lines = await reader.read(await namesFor(options, reader));
  print(select(lines, options, context), context);
  if (!options.follow) return exitCode.ok;
  const stop = AbortSignal.any([end.first, context.outputClosed]);
  while (!stop.aborted) {
    print(await readNews(options, reader), context);
    await reader.changed(stop).catch((error: unknown) => {
      if (!stop.aborted) throw error;
    });
  }
  return exitCode.ok;
}

/** Names are looked for anew each time: a node that starts later gets a log later, and a cluster may start anew. */
async function readNews({ node }: LogsOptions, reader: LogReader): Promise<LogLine[]> {
  const names = await reader.names();
  return reader.read(names.filter((name) => node === undefined || name === node));
}

async function namesFor(options: LogsOptions, reader: LogReader): Promise<string[]> {
  const names = await reader.names();
  if (names.length === 0) throw noCluster(options.project);
  if (options.node === undefined) return names;
  if (names.includes(options.node)) return [options.node];
  throw new AppError('not-found', `no process is called ${options.node}`, { hint: `There are: ${names.join(', ')}` });
}

function select(lines: readonly LogLine[], options: LogsOptions, context: CommandContext): readonly LogLine[] {
  const { since, tail } = options;
  const from = since === undefined ? '' : new Date(context.clock.wallMs() - since).toISOString();
  const recent = lines.filter(({ time }) => time >= from);
  return tail === undefined ? recent : recent.slice(Math.max(0, recent.length - tail));
}

function print(lines: readonly LogLine[], context: CommandContext): void {
  for (const { name, text } of lines) printLine(context, `${name.padEnd(8)} | ${visible(text)}`);
}
