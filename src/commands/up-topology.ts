import type { Topology } from '../cluster/topology.js';
import { AppError } from '../core/errors.js';
import { redactUrl } from '../core/redact.js';
import type { UpOptions } from './cluster-entries.js';
import type { CommandContext } from './context.js';

/** A broker's URL reaches the supervisor in the background by this, because a command line is public. */
export const brokerVariable = 'CLUSTER_CHAT_UP_BROKER';

/**
 * The cluster that the options describe.
 * @throws AppError `usage` for a broker that we do not know
 */
export function topologyOf(options: UpOptions, context: CommandContext): Topology {
  const broker = context.env[brokerVariable] ?? options.broker;
  if (broker !== 'simple' && broker !== 'embedded' && !/^(stomp|redis|amqp)s?:\/\/./.test(broker)) {
    throw new AppError('usage', `there is no broker "${redactUrl(broker)}"`, {
      hint: 'Use simple, embedded, or a URL that begins with stomp://, redis:// or amqp://.',
    });
  }
  return {
    nodes: options.nodes,
    brokerKind: broker,
    balancerKind: options.balancer,
    policy: options.policy,
    port: options.port,
  };
}

/** Whether the user named the port. Only the default moves on when it is taken: one that was named is meant. */
export function isPortExplicit(context: CommandContext): boolean {
  return context.args.some((word) => word === '--port' || word.startsWith('--port='));
}
