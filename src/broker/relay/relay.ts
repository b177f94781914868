import type { FrameHeaders } from '../../stomp/frame.js';
import type { StompLink, StompLinkEvents } from '../stomp-link.js';
import { openLink } from './open-link.js';
import { isStompAddress, parseStompUrl, type StompServer } from './stomp-server.js';

/** STOMP's own headers of a CONNECT, which end at the node, and the login, which the relay's replaces as in Spring. */
const ownHeaders = new Set(['accept-version', 'host', 'login', 'passcode', 'heart-beat', 'content-length', 'receipt']);

/** What a broker is promised of heart-beats at most often: a node that stands still for seconds must not cost all sessions. */
const leastPromiseMs = 6_000;

/** Where each session of a node gets a broker connection of its own, as from Spring's broker relay. */
export class Relay {
  readonly #server: StompServer;

  constructor(server: StompServer) {
    this.#server = server;
  }

  /**
   * Opens a session's connection. Rejects with a `LinkFailure`.
   * @param headers of the client's CONNECT; what is not STOMP's own, such as `client-id`, goes to the broker
   */
  open(headers: FrameHeaders, heartbeatMs: number, events: StompLinkEvents, signal: AbortSignal): Promise<StompLink> {
    const times = { heartbeatMs, promisedMs: Math.max(heartbeatMs, leastPromiseMs) };
    return openLink(this.#server, { headers: headers.without(ownHeaders), ...times, signal }, events);
  }
}

/**
 * The relay that a broker's address asks for; undefined where the node's sessions share what it has.
 * @throws AppError `usage` for a STOMP URL that makes no sense
 */
export function relayAt(address: string): Relay | undefined {
  if (!isStompAddress(address) || !URL.canParse(address)) return undefined;
  const server = parseStompUrl(new URL(address));
  return server.isShared ? undefined : new Relay(server);
}
