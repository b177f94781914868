import { parseToBalancer, type ToBalancer } from '../cluster/balancer-link.js';
import { AppError, messageOf, unreachable } from '../core/errors.js';
import { type ExitCode, exitCode } from '../core/exit-code.js';
import type { BackendOptions } from '../proxy/backend.js';
import { type Balancer, openBalancer } from '../proxy/balancer.js';
import { createHttpServer } from '../server/http.js';
import { listen } from '../server/listening.js';
import { BalancerHealth } from './balancer-health.js';
import { balancerLog } from './balancer-log.js';
import { printedConfig } from './balancer-print.js';
import { type CommandContext, printLine } from './context.js';
import { processLifeline } from './lifeline.js';
import { checkReach } from './node.js';
import { parseAddress } from './option-value.js';
import { livePiece } from './piece.js';
import type { BalancerPieceOptions } from './piece-entries.js';

/** Its HTTP server is for supervisors and monitors; clients never come there. */
const maxHealthConnections = 100;

/**
 * `cluster-chat balancer`: the embedded balancer until it is told to end. A supervisor starts it before its nodes
 * and says later where they are; alone it needs them on the command line. It asks for no credential itself: what
 * the nodes behind it ask for passes through.
 */
export async function runBalancer(options: BalancerPieceOptions, context: CommandContext): Promise<ExitCode> {
  const lifeline = processLifeline();
  const backends = backendsOf(options.nodes);
  const isTold = lifeline.isChild && options.print === undefined;
  if (backends.length === 0 && !isTold) {
    throw new AppError('usage', 'A balancer without nodes has nothing to balance.', {
      hint: 'Name them: cluster-chat balancer 127.0.0.1:7101 127.0.0.1:7102',
    });
  }
  if (options.print !== undefined) {
    printLine(context, printedConfig(options.print, options, backends).trimEnd());
    return exitCode.ok;
  }
  checkReach(options, true);
  const { host, port, policy } = options;
  const onEvent = balancerLog((line) => printLine(context, line));
  await using balancer = await openBalancer({ host, port, policy, backends, onEvent });
  using health = new BalancerHealth(balancer);
  const http = createHttpServer(health.routes(), { isRemoteAllowed: false, maxConnections: maxHealthConnections });
  try {
    const httpPort = await listen(http, '127.0.0.1', 0);
    lifeline.onMessage((message) => obey(balancer, message, (answer) => lifeline.send(answer), context));
    return await livePiece(
      {
        ready: { name: 'balancer', port: balancer.port, url: `ws://${host}:${balancer.port}/ws`, http: httpPort },
        // It cannot say goodbye in the name of a node; its clients see the connection end.
        drain: () => balancer.close(),
      },
      context,
      lifeline,
    );
  } finally {
    http.close();
    http.closeAllConnections();
  }
}

/** The nodes of the command line, numbered in their order like those of a cluster of ours. */
function backendsOf(nodes: readonly string[]): BackendOptions[] {
  return nodes.map((text, index) => ({ name: `node-${index + 1}`, ...parseAddress(text) }));
}

/** Carries out what the supervisor says and confirms it; what cannot be done is not confirmed, but said. */
function obey(balancer: Balancer, message: unknown, answer: (message: unknown) => void, context: CommandContext): void {
  const order = parseToBalancer(message);
  if (order === undefined) return;
  try {
    carryOut(balancer, order);
    answer({ type: 'done', of: order.type });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    printLine(context, `${order.type}: ${messageOf(error)}`);
  }
}

function carryOut(balancer: Balancer, order: ToBalancer): void {
  switch (order.type) {
    case 'backends':
      for (const { name, host, port } of order.backends) balancer.setBackend(name, { host, port });
      return;
    case 'drain':
      return balancer.drain(order.name);
    case 'undrain':
      return balancer.undrain(order.name);
    default:
      return unreachable(order);
  }
}
