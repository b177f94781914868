import { Option } from 'commander';
import { type CommandEntry, defineCommand } from './entry.js';
import { gather, historyOption, plainName, portNumber, sessionsOption } from './option-value.js';

export interface NodePieceOptions {
  readonly name: string;
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** `simple` or the URL of a broker. */
  readonly broker: string;
  /** Origins whose pages may connect, beside the node's own. */
  readonly allowOrigin: readonly string[];
  /** Consent to an address that other machines can reach. */
  readonly allowRemote: boolean;
  /** `name=value` of server/limits. */
  readonly limit: readonly string[];
  /** Where HTTP sessions live: `memory` or the URL of Redis. */
  readonly sessions: string;
  /** Whether a WebSocket needs an HTTP session. */
  readonly requireLogin: boolean;
}

export interface BrokerPieceOptions {
  readonly port: number;
  readonly host: string;
  /** How long messages are kept, in milliseconds; undefined for its own default. */
  readonly history?: number;
  readonly allowRemote: boolean;
}

export interface BalancerPieceOptions {
  readonly port: number;
  readonly host: string;
  readonly policy: 'round-robin' | 'least-connections' | 'ip-hash' | 'sticky';
  readonly allowRemote: boolean;
  /** Print the configuration of this program instead of balancing. */
  readonly print?: 'haproxy' | 'nginx';
  /** `host:port` of each node. */
  readonly nodes: readonly string[];
}

export interface WorkerPieceOptions {
  readonly name: string;
}

const pieces = 'One piece alone:';

function hostOption(): Option {
  return new Option('--host <address>', 'address to listen on').default('127.0.0.1');
}

function remoteOption(): Option {
  return new Option('--allow-remote', 'accept an address that other machines can reach').default(false);
}

/** The processes of a cluster, each alone: for containers and other machines. */
export const pieceEntries: readonly CommandEntry[] = [
  defineCommand<NodePieceOptions>({
    usage: 'node',
    summary: 'one relay node',
    group: pieces,
    declare: (command) =>
      command
        .addOption(new Option('--name <name>', 'its name in metrics and logs').default('node-1').argParser(plainName))
        .option('--port <port>', 'port to listen on; 0 for any free one', portNumber, 7101)
        .addOption(hostOption())
        .option('--broker <url>', 'simple, or the URL of the broker to share with the other nodes', 'simple')
        .addOption(sessionsOption().default('memory'))
        .option('--require-login', 'refuse WebSockets without an HTTP session (POST /login) with 401', false)
        .option('--allow-origin <origin>', 'an origin whose pages may connect; may be repeated', gather, [])
        .option('--limit <name=value>', 'change a limit, such as maxBodyBytes=1MB; may be repeated', gather, [])
        .addOption(remoteOption()),
    load: async () => (await import('./node.js')).runNode,
  }),
  defineCommand<BrokerPieceOptions>({
    usage: 'broker',
    summary: 'a STOMP broker over TCP, to stand in for RabbitMQ',
    group: pieces,
    declare: (command) =>
      command
        .option('--port <port>', 'port to listen on; 0 for any free one', portNumber, 61_613)
        .addOption(hostOption())
        .addOption(historyOption())
        .addOption(remoteOption()),
    load: async () => (await import('./broker.js')).runBroker,
  }),
  defineCommand<BalancerPieceOptions>({
    // Optional for a supervisor alone, which names them when they are ready.
    usage: 'balancer [nodes...]',
    summary: 'a balancer in front of the nodes given as host:port',
    group: pieces,
    declare: (command) =>
      command
        .option('--port <port>', 'port to listen on; 0 for any free one', portNumber, 7100)
        .addOption(hostOption())
        .addOption(
          new Option('--policy <name>', 'how it chooses a node')
            .choices(['round-robin', 'least-connections', 'ip-hash', 'sticky'])
            .default('round-robin'),
        )
        .addOption(
          new Option('--print <program>', 'print the configuration of a real one for production').choices([
            'haproxy',
            'nginx',
          ]),
        )
        .addOption(remoteOption()),
    examples:
      'cluster-chat balancer 127.0.0.1:7101 127.0.0.1:7102\ncluster-chat balancer --print haproxy --policy sticky app-1:8080 app-2:8080',
    load: async () => (await import('./balancer.js')).runBalancer,
  }),
  defineCommand<WorkerPieceOptions>({
    usage: 'worker',
    summary: 'one process of simulated clients, told what to do by its parent',
    group: pieces,
    declare: (command) => command.addOption(new Option('--name <name>').default('worker-1').argParser(plainName)),
    load: async () => (await import('./worker.js')).runWorkerPiece,
  }),
  defineCommand<object>({
    usage: 'passages',
    summary: 'the ways between processes that a run disturbs, told what to do by its parent',
    group: pieces,
    declare: (command) => command,
    load: async () => (await import('./passages.js')).runPassages,
  }),
];
