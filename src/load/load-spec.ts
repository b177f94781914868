import type { EngineName } from '../client/connection.js';
import type { ReconnectProfile } from '../client/reconnect-profiles.js';

/** When the messages of one publisher fall due. */
export type Schedule =
  /** Every interval; each publisher starts at its own seeded moment of the first interval. */
  | 'spread'
  /** Every interval, all publishers at the same moments. */
  | 'together'
  /** Seeded exponential gaps with the interval as their mean. */
  | 'poisson';

/** What every client of a group sends during the load. */
export interface SendSpec {
  /** Destination with placeholders; see `fillPlaceholders`. */
  readonly to: string;
  readonly everyMs: number;
  /** Of the whole body; at least `stampBytes`. */
  readonly sizeBytes: number;
  /** Whether each SEND asks for a RECEIPT. */
  readonly receipt: boolean;
  readonly schedule: Schedule;
}

/** How the clients of a group come back after a loss. */
export interface ReconnectSpec {
  readonly profile: ReconnectProfile;
  /** Base and ceiling of `full-jitter`; other profiles bring their own numbers. */
  readonly minMs: number;
  readonly maxMs: number;
  /** Takes the place of the delay of a profile with a fixed one. */
  readonly delayMs: number | undefined;
  readonly resubscribes: boolean;
}

/** Now and then a client unsubscribes from everything for a while. */
export interface AbsenceSpec {
  readonly everyMs: number;
  readonly forMs: number;
}

/** A number of clients that behave alike. */
export interface ClientGroup {
  readonly name: string;
  readonly count: number;
  /** Clients are spread evenly over so many rooms, neighbours into the same one. */
  readonly rooms: number;
  /** Destinations with placeholders; see `fillPlaceholders`. */
  readonly subscribe: readonly string[];
  readonly send: SendSpec | undefined;
  readonly reconnect: ReconnectSpec;
  /** undefined for clients that stay subscribed. */
  readonly unsubscribe: AbsenceSpec | undefined;
  /** Whether resubscriptions ask for what was missed. */
  readonly recover: boolean;
  readonly engine: EngineName;
  /** As whom each connects, with placeholders; undefined for nobody in particular. */
  readonly user: string | undefined;
  /** Whether each logs in over HTTP before its first connection: as its user, or under its own name. */
  readonly session: boolean;
  /** Offered and wanted in CONNECT; 0 switches heart-beats off. */
  readonly heartbeatMs: number;
  /** Whether they leave at the end without DISCONNECT and without closing the connection. */
  readonly leavesHard: boolean;
  /** Whether they connect through the balancer, where there is one, or to the nodes in turn. */
  readonly via: 'balancer' | 'nodes';
  /** First connects of the whole group per second; undefined means as fast as the run allows. */
  readonly connectRatePerSecond: number | undefined;
}

/**
 * Everything that a worker must know to be its share of the users. Serialisable; the scenario floor
 * makes it from a scenario. All workers get the same one and plan the same run from it.
 */
export interface LoadSpec {
  readonly runId: string;
  readonly seed: number;
  /** Fences go to each of these URLs; the order gives node numbers in facts. */
  readonly nodes: readonly { readonly name: string; readonly url: string }[];
  /** The front door; without one all clients go to the nodes themselves, client i starting at node i mod n. */
  readonly balancerUrl: string | undefined;
  /** STOMP virtual host; that of the URL when undefined. */
  readonly host: string | undefined;
  /** Extra headers of the WebSocket handshake, such as a cookie. */
  readonly headers: Readonly<Record<string, string>>;
  readonly login: string | undefined;
  readonly passcode: string | undefined;
  readonly groups: readonly ClientGroup[];
  readonly warmupMs: number;
  readonly durationMs: number;
  /** How long a subscription waits for its first fence from some node before that pair is called unreached. */
  readonly fenceTimeoutMs: number;
  /** From the start of a connection to CONNECTED. */
  readonly connectTimeoutMs: number;
}
