import { type Command, Option } from 'commander';
import { type CommandEntry, defineCommand, type Run } from './entry.js';
import {
  durationMs,
  historyOption,
  jsonOption,
  portNumber,
  projectOption,
  sessionsOption,
  wholeNumber,
} from './option-value.js';

/** Words that describe a cluster to start; shared by `up` and what else starts one. */
export interface UpOptions {
  readonly nodes: number;
  readonly broker: string;
  /** How long the embedded broker keeps messages, in milliseconds; undefined for its own default. */
  readonly history?: number;
  /** Where the nodes keep HTTP sessions: `memory` or the URL of Redis. */
  readonly sessions: string;
  readonly balancer: 'embedded' | 'haproxy' | 'nginx' | 'none';
  readonly policy: 'round-robin' | 'least-connections' | 'ip-hash' | 'sticky';
  /** The balancer's port; 0 stands for any free one. */
  readonly port: number;
  readonly detach: boolean;
  readonly project: string;
  readonly json: boolean;
}

export interface PsOptions {
  readonly project: string;
  readonly json: boolean;
}

export interface LogsOptions {
  /** The one process whose log is wanted; all of them when undefined. */
  readonly node: string | undefined;
  readonly follow: boolean;
  /** How far back, in milliseconds; everything when undefined. */
  readonly since: number | undefined;
  /** The last so many lines; everything when undefined. */
  readonly tail: number | undefined;
  readonly project: string;
}

/** What `stop`, `start`, `restart`, `pause` and `unpause` are given. */
export interface NodeOptions {
  readonly node: string;
  readonly project: string;
  readonly json: boolean;
}

export interface KillOptions extends NodeOptions {
  /** A signal's name as in `kill -s`: SIGKILL, SIGTERM … */
  readonly signal: string;
}

export interface RolloutOptions {
  readonly project: string;
  readonly json: boolean;
}

export interface DownOptions {
  readonly project: string;
  readonly json: boolean;
}

const look = 'Look at a cluster:';
const operate = 'Operate a cluster:';

function verb(
  name: string,
  summary: string,
  load: () => Promise<Run<NodeOptions>>,
): Parameters<typeof defineCommand<NodeOptions>>[0] {
  return { usage: `${name} <node>`, summary, group: operate, declare: addProjectAndJson, load };
}

function addProjectAndJson(command: Command): Command {
  return command.addOption(projectOption()).addOption(jsonOption());
}

/** The commands that start, watch and operate a cluster. */
export const clusterEntries: readonly CommandEntry[] = [
  defineCommand<UpOptions>({
    usage: 'up',
    summary: 'start a broker, nodes and a balancer, and watch them',
    group: 'Start a cluster:',
    declare: declareUp,
    load: async () => (await import('./up.js')).runUp,
    examples:
      'cluster-chat up -n 5\ncluster-chat up --broker simple --balancer none\ncluster-chat up -d && cluster-chat ps',
  }),
  defineCommand<PsOptions>({
    usage: 'ps',
    summary: 'list the processes of a running cluster',
    group: look,
    declare: addProjectAndJson,
    load: async () => (await import('./ps.js')).runPs,
  }),
  defineCommand<LogsOptions>({
    usage: 'logs [node]',
    summary: 'print what the processes wrote',
    group: look,
    declare: (command) =>
      command
        .option('-f, --follow', 'go on with new lines until interrupted', false)
        .option('--since <duration>', 'only lines of the last so long, such as 1m', durationMs)
        .option('--tail <lines>', 'only the last so many lines', wholeNumber(0, 1_000_000))
        .addOption(projectOption()),
    load: async () => (await import('./logs.js')).runLogs,
  }),
  defineCommand<KillOptions>({
    usage: 'kill <node>',
    summary: 'kill a process without warning',
    group: operate,
    declare: (command) => addProjectAndJson(command.option('-s, --signal <name>', 'the signal to send', 'SIGKILL')),
    load: async () => (await import('./kill.js')).runKill,
    examples: 'cluster-chat kill node-2\ncluster-chat kill -s SIGTERM broker',
  }),
  defineCommand<NodeOptions>(
    verb('stop', 'drain a process, then end it', async () => (await import('./stop.js')).runStop),
  ),
  defineCommand<NodeOptions>(
    verb('start', 'start a process that is down', async () => (await import('./start.js')).runStart),
  ),
  defineCommand<NodeOptions>(
    verb('restart', 'stop a process and start it again', async () => (await import('./restart.js')).runRestart),
  ),
  defineCommand<NodeOptions>(
    verb(
      'pause',
      'freeze a process: it hangs, its connections stay open',
      async () => (await import('./pause.js')).runPause,
    ),
  ),
  defineCommand<NodeOptions>(
    verb('unpause', 'let a frozen process go on', async () => (await import('./unpause.js')).runUnpause),
  ),
  defineCommand<RolloutOptions>({
    usage: 'rollout',
    summary: 'restart all nodes, one after the other, each drained first',
    group: operate,
    declare: addProjectAndJson,
    load: async () => (await import('./rollout.js')).runRollout,
  }),
  defineCommand<DownOptions>({
    usage: 'down',
    summary: 'stop everything',
    group: operate,
    declare: addProjectAndJson,
    load: async () => (await import('./down.js')).runDown,
  }),
];

function declareUp(command: Command): Command {
  return command
    .option('-n, --nodes <count>', 'how many relay nodes', wholeNumber(1, 32), 3)
    .option('--broker <kind>', 'simple, embedded, or the URL of a broker', 'embedded')
    .addOption(historyOption())
    .addOption(sessionsOption().default('memory'))
    .addOption(
      new Option('--balancer <kind>', 'the front door')
        .choices(['embedded', 'haproxy', 'nginx', 'none'])
        .default('embedded'),
    )
    .addOption(
      new Option('--policy <name>', 'how the balancer chooses a node')
        .choices(['round-robin', 'least-connections', 'ip-hash', 'sticky'])
        .default('round-robin'),
    )
    .option('--port <port>', 'port of the balancer; the next free one when it is taken', portNumber, 7100)
    .option('-d, --detach', 'leave the cluster running in the background', false)
    .addOption(projectOption())
    .addOption(jsonOption());
}
