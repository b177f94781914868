import type { ExitCode } from '../core/exit-code.js';
import { packageVersion } from '../core/package-root.js';
import { openBrokerServer } from '../server/broker-server.js';
import type { CommandContext } from './context.js';
import { processLifeline } from './lifeline.js';
import { checkReach } from './node.js';
import { livePiece } from './piece.js';
import type { BrokerPieceOptions } from './piece-entries.js';

/** `cluster-chat broker`: the embedded broker until it is told to end. With a run secret only nodes may connect. */
export async function runBroker(options: BrokerPieceOptions, context: CommandContext): Promise<ExitCode> {
  const lifeline = processLifeline();
  const secret = context.env['CLUSTER_CHAT_SECRET'];
  const login = context.env['CLUSTER_CHAT_LOGIN'];
  const passcode = context.env['CLUSTER_CHAT_PASSCODE'];
  const own = login === undefined || passcode === undefined ? undefined : { login, passcode };
  const credential = secret === undefined ? own : { login: 'node', passcode: secret };
  checkReach(options, credential !== undefined);
  const broker = await openBrokerServer({
    version: packageVersion(),
    host: options.host,
    port: options.port,
    credential,
    trustsMessageIds: secret !== undefined,
    historyMs: options.history,
  });
  const scheme = secret === undefined ? 'stomp' : 'embedded';
  return livePiece(
    {
      ready: {
        name: 'broker',
        port: broker.port,
        url: `${scheme}://${options.host}:${broker.port}`,
        http: broker.httpPort,
      },
      drain: async () => broker[Symbol.asyncDispose](),
    },
    context,
    lifeline,
  );
}
