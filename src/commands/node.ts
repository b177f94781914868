import { parseToNode } from '../cluster/node-link.js';
import { journalVariable, sessionsVariable } from '../cluster/topology.js';
import { AppError } from '../core/errors.js';
import type { ExitCode } from '../core/exit-code.js';
import { packageVersion } from '../core/package-root.js';
import { defaultServerLimits } from '../server/limits.js';
import { isLoopback } from '../server/loopback.js';
import { openNode } from '../server/node.js';
import { defaultOrigins } from '../server/origin.js';
import type { CommandContext } from './context.js';
import { processLifeline } from './lifeline.js';
import { overrideLimits } from './limit-option.js';
import { livePiece } from './piece.js';
import type { NodePieceOptions } from './piece-entries.js';
import { keepYoungGenerationSmall } from './young-generation.js';

/** The pair that clients must give, from the environment: a command line is public. */
function credentialIn(env: CommandContext['env']): { login: string; passcode: string } | undefined {
  const login = env['CLUSTER_CHAT_LOGIN'];
  const passcode = env['CLUSTER_CHAT_PASSCODE'];
  return login === undefined || passcode === undefined ? undefined : { login, passcode };
}

/** Refuses an address that others can reach, unless that was asked for and is guarded. */
export function checkReach(options: { host: string; allowRemote: boolean }, isGuarded: boolean): void {
  if (isLoopback(options.host)) return;
  if (!options.allowRemote || !isGuarded) {
    throw new AppError('usage', `${options.host} can be reached by other machines.`, {
      hint: 'Say --allow-remote, and set CLUSTER_CHAT_LOGIN and CLUSTER_CHAT_PASSCODE in the environment.',
    });
  }
}

/** `cluster-chat node`: one relay node until it is told to end. */
export async function runNode(options: NodePieceOptions, context: CommandContext): Promise<ExitCode> {
  keepYoungGenerationSmall();
  const lifeline = processLifeline();
  const credential = credentialIn(context.env);
  checkReach(options, credential !== undefined);
  const node = await openNode({
    name: options.name,
    version: packageVersion(),
    host: options.host,
    port: options.port,
    // A supervisor names the broker in the environment, where it may carry a secret.
    broker: context.env['CLUSTER_CHAT_BROKER'] ?? options.broker,
    secret: context.env['CLUSTER_CHAT_SECRET'],
    allowedOrigins: [...defaultOrigins, ...options.allowOrigin],
    credential,
    isRemoteAllowed: options.allowRemote,
    limits: overrideLimits(defaultServerLimits, options.limit),
    // By environment for the same reason.
    sessions: context.env[sessionsVariable] ?? options.sessions,
    isLoginRequired: options.requireLogin,
    journalFolder: context.env[journalVariable],
    die: lifeline.die,
    log: (line) => context.stderr.write(`${line}\n`),
  });
  lifeline.onMessage((message) => {
    const order = parseToNode(message);
    if (order === undefined) return;
    node.dieAt(order.moment);
    lifeline.send({ ...order, type: 'done', of: order.type });
  });
  return livePiece(
    { ready: { name: options.name, port: node.port, url: node.url }, drain: () => node.drain() },
    context,
    lifeline,
  );
}
