import { defaultHistoryLimits } from '../broker/history.js';
import { MemoryBroker } from '../broker/memory-broker.js';
import { CoreServer } from './core-server.js';
import { createHttpServer } from './http.js';
import { brokerServerLimits, type ServerLimits } from './limits.js';
import { listen } from './listening.js';
import { createTcpListener } from './tcp-listener.js';

export interface BrokerServerOptions {
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly credential: { readonly login: string; readonly passcode: string } | undefined;
  /** Whether the clients are our own nodes, which name their messages so that repeated ones are known. */
  readonly trustsMessageIds: boolean;
  /** How long messages are kept for those who come back; five minutes when left out. */
  readonly historyMs?: number | undefined;
  readonly limits?: ServerLimits;
}

/** An embedded broker that runs. */
export interface BrokerServer extends AsyncDisposable {
  /** Where STOMP over TCP is spoken. */
  readonly port: number;
  /** `/health`, `/ready`, `/metrics`, `/sessions`. */
  readonly httpPort: number;
}

/** The embedded broker: the same server as a node, over TCP, with a bounded history in memory behind it. */
export async function openBrokerServer(options: BrokerServerOptions): Promise<BrokerServer> {
  const limits = options.limits ?? brokerServerLimits;
  const { historyMs = defaultHistoryLimits.maxAgeMs } = options;
  const history = { ...defaultHistoryLimits, maxAgeMs: historyMs };
  const core = await CoreServer.open({
    name: 'broker',
    version: options.version,
    limits,
    trustsMessageIds: options.trustsMessageIds,
    credential: options.credential,
    openBroker: async (events) => new MemoryBroker('memory', events, { history }),
  });
  const tcp = createTcpListener(core.sessions, limits);
  const http = createHttpServer(core.routes(), { ...core.httpOptions(), isRemoteAllowed: false });
  const close = async () => {
    tcp.close();
    http.close();
    http.closeAllConnections();
    await core[Symbol.asyncDispose]();
  };
  try {
    const port = await listen(tcp, options.host, options.port);
    const httpPort = await listen(http, '127.0.0.1', 0);
    return { port, httpPort, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
