import type { Server } from 'node:http';
import { openBroker } from '../broker/open-broker.js';
import { relayAt } from '../broker/relay/relay.js';
import type { Moment } from '../core/moment.js';
import { CoreServer } from './core-server.js';
import { createHttpServer } from './http.js';
import { HttpSessions } from './http-sessions/http-sessions.js';
import { sessionForms, sessionRoute } from './http-sessions/session-routes.js';
import { Journal } from './journal.js';
import { LastMoment } from './last-moment.js';
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
  /** Where HTTP sessions live: `memory` or the URL of Redis; may carry a password, so it is never printed. */
  readonly sessions: string;
  /** Whether a WebSocket needs an HTTP session. */
  readonly isLoginRequired: boolean;
  /** A folder for a journal of what happens to a run's messages; none is kept without it. */
  readonly journalFolder: string | undefined;
  /** Ends the process with SIGKILL, for `dieAt`. */
  readonly die: () => never;
  /** One line for the node's log. */
  readonly log: (line: string) => void;
}

/** A relay node that runs. */
export interface RelayNode extends AsyncDisposable {
  readonly port: number;
  /** Where STOMP over WebSocket is spoken. */
  readonly url: string;
  /** Says goodbye to all clients with 1001 in batches, then closes. */
  drain(): Promise<void>;
  /** Kills itself at the next such moment of a message of a run's load; undefined calls that off. */
  dieAt(moment: Moment | undefined): void;
}

/**
 * Opens a relay node; resolves when its broker is ready and it listens.
 * @throws AppError `usage` for limits beyond the greatest, and what broker and port may raise
 */
export async function openNode(options: NodeOptions): Promise<RelayNode> {
  const { limits, journalFolder } = options;
  checkLimits(limits);
  const journal = journalFolder === undefined ? undefined : new Journal(journalFolder, options.name, options.log);
  const lastMoment = new LastMoment(journal, options.die);
  const httpSessions = await HttpSessions.open({
    address: options.sessions,
    idleMs: limits.httpSessionIdleMs,
    maxSessions: limits.maxHttpSessions,
    log: options.log,
  });
  let core: CoreServer;
  try {
    core = await openCore(options, { httpSessions, journal, lastMoment });
  } catch (error) {
    await httpSessions[Symbol.asyncDispose]();
    throw error;
  }
  const http = createNodeHttp(core, httpSessions, options);
  listenForWebSockets(http, core.sessions, {
    path: '/ws',
    allowedOrigins: options.allowedOrigins,
    limits,
    closedBecause: () => core.closedBecause(),
    httpSessions,
    isLoginRequired: options.isLoginRequired,
  });
  const close = async () => {
    http.close();
    http.closeAllConnections();
    await core[Symbol.asyncDispose]();
    journal?.[Symbol.dispose]();
    await httpSessions[Symbol.asyncDispose]();
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
      dieAt: (moment) => lastMoment.arm(moment),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function openCore(
  options: NodeOptions,
  parts: { httpSessions: HttpSessions; journal: Journal | undefined; lastMoment: LastMoment },
): Promise<CoreServer> {
  return CoreServer.open({
    name: options.name,
    version: options.version,
    limits: options.limits,
    trustsMessageIds: false,
    credential: options.credential,
    openBroker: (events) => openBroker({ address: options.broker, secret: options.secret }, events),
    relay: relayAt(options.broker),
    ...parts,
  });
}

function createNodeHttp(core: CoreServer, httpSessions: HttpSessions, options: NodeOptions): Server {
  const routes = new Map([...core.routes(), ['/session', sessionRoute(httpSessions)] as const]);
  return createHttpServer(routes, {
    ...core.httpOptions(),
    isRemoteAllowed: options.isRemoteAllowed,
    forms: sessionForms(httpSessions, {
      allowedOrigins: options.allowedOrigins,
      password: options.credential?.passcode,
      maxBodyBytes: options.limits.maxFormBytes,
    }),
  });
}
