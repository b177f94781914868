import { openBroker } from '../broker/open-broker.js';
import { relayAt } from '../broker/relay/relay.js';
import { CoreServer } from './core-server.js';
import { createHttpServer } from './http.js';
import { checkLimits, type ServerLimits } from './limits.js';
import { listen } from './listening.js';
import { listenForWebSockets } from './websocket-listener.js';

export interface NodeOptions {
  readonly name: string;
  readonly version: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** `simple` or a broker's URL; may carry a password, so it is never printed. */
  readonly broker: string;
  /** What nodes and embedded broker know each other by. */
  readonly secret: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly credential: { readonly login: string; readonly passcode: string } | undefined;
  readonly isRemoteAllowed: boolean;
  readonly limits: ServerLimits;
}

/** A relay node that runs. */
export interface RelayNode extends AsyncDisposable {
  readonly port: number;
  /** Where STOMP over WebSocket is spoken. */
  readonly url: string;
  /** Says goodbye to all clients with 1001 in batches, then closes. */
  drain(): Promise<void>;
}

/**
 * Opens a relay node; resolves when its broker is ready and it listens.
 * @throws AppError `usage` for limits beyond the greatest, and what broker and port may raise
 */
export async function openNode(options: NodeOptions): Promise<RelayNode> {
  checkLimits(options.limits);
  const core = await CoreServer.open({
    name: options.name,
    version: options.version,
    limits: options.limits,
    trustsMessageIds: false,
    credential: options.credential,
    openBroker: (events) => openBroker({ address: options.broker, secret: options.secret }, events),
    relay: relayAt(options.broker),
  });
  const http = createHttpServer(core.routes(), { isRemoteAllowed: options.isRemoteAllowed });
  listenForWebSockets(http, core.sessions, {
    path: '/ws',
    allowedOrigins: options.allowedOrigins,
    limits: options.limits,
    closedBecause: () => core.closedBecause(),
  });
  const close = async () => {
    http.close();
    http.closeAllConnections();
    await core[Symbol.asyncDispose]();
  };
  try {
    const port = await listen(http, options.host, options.port);
    return {
      port,
      url: `ws://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}/ws`,
      drain: async () => {
        await core.drain();
        await close();
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
