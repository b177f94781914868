import type { EngineName } from '../client/connection.js';
import type { ReconnectProfile } from '../client/reconnect-profiles.js';

/** When the messages of one publisher fall due. */
export type Schedule =
  /** Every interval; publishers start spread evenly over the first interval. */
  | 'even'
  /** Every interval; each publisher starts at its own seeded moment of the first interval. */
  | 'random-phase'
  /** Seeded exponential gaps with the interval as their mean. */
  | 'poisson';

/** What every client of a group sends during the load. */
export interface SendSpec {
  /** Destination; `{room}` and `{client}` are filled in. */
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
}

/** Connections that clients drop by themselves, without a goodbye, as phones in lifts do. */
export interface CrashSpec {
  readonly everyMs: number;
  /** Share of the group's clients that is dropped each time, 0 to 1. */
  readonly share: number;
}

/** A number of clients that behave alike. */
export interface ClientGroup {
  readonly name: string;
  readonly count: number;
  /** Client i of the group is in `room-${(i % rooms) + 1}`. */
  readonly rooms: number;
  /** Destinations; `{room}` and `{client}` are filled in. */
  readonly subscribe: readonly string[];
  readonly send: SendSpec | undefined;
  readonly reconnect: ReconnectSpec;
  /** Whether resubscriptions ask for what was missed. */
  readonly recover: boolean;
  readonly engine: EngineName;
  /** Offered and wanted in CONNECT; 0 switches heart-beats off. */
  readonly heartbeatMs: number;
  readonly crash: CrashSpec | undefined;
  /** First connects of this group per second and worker; undefined means the worker's default. */
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
  /** Where clients connect; undefined spreads them over the nodes themselves, client i starting at node i mod n. */
  readonly balancerUrl: string | undefined;
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
