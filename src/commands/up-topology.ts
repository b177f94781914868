import { isSessionsAddress, type Topology } from '../cluster/topology.js';
import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import type { UpOptions } from './cluster-entries.js';
import type { CommandContext } from './context.js';

/** A broker's URL reaches the supervisor in the background by this, because a command line is public. */
export const brokerVariable = 'CLUSTER_CHAT_UP_BROKER';

/** Where HTTP sessions live, for the same reason. */
export const upSessionsVariable = 'CLUSTER_CHAT_UP_SESSIONS';

/**
 * The cluster that the options describe.
 * @throws AppError `usage` for a broker or a store of sessions that we do not know
 */
export function topologyOf(options: UpOptions, context: CommandContext): Topology {
  const broker = context.env[brokerVariable] ?? options.broker;
  if (broker !== 'simple' && broker !== 'embedded' && !/^(stomp|redis|amqp)s?:\/\/./.test(broker)) {
    throw new AppError('usage', `there is no broker "${redactUrl(broker)}"`, {
      hint: 'Use simple, embedded, or a URL that begins with stomp://, redis:// or amqp://.',
    });
  }
  const sessions = context.env[upSessionsVariable] ?? options.sessions;
  if (!isSessionsAddress(sessions)) {
    throw new AppError('usage', `"${redactUrl(sessions)}" is no store of HTTP sessions`, {
      hint: 'Use memory, or a URL such as redis://127.0.0.1:6379.',
    });
  }
  return {
    nodes: options.nodes,
    brokerKind: broker,
    ...(options.history === undefined ? {} : { historyMs: options.history }),
    sessions,
    balancerKind: options.balancer,
    policy: options.policy,
    port: options.port,
  };
}

/** Whether the user named the port. Only the default moves on when it is taken: one that was named is meant. */
export function isPortExplicit(context: CommandContext): boolean {
  return context.args.some((word) => word === '--port' || word.startsWith('--port='));
}
