import type { ReconnectProfile } from '../client/reconnect-profiles.js';
import type { FaultRequest } from '../faults/fault.js';
import type { Expression } from './expression.js';

/**
 * A scenario after parsing: checked, defaults filled in, durations in milliseconds, sizes in bytes.
 * Time 0 is the start of the load, after warm-up; `undefined` leaves the choice to the runner.
 */
export interface Scenario {
  readonly version: 1;
  readonly name: string;
  /** The seed to use; undefined asks for a random one. */
  readonly seed: number | undefined;
  readonly system: ClusterSystem | TargetSystem;
  readonly clients: readonly ClientGroup[];
  /** Traffic before the load whose latency does not count. */
  readonly warmupMs: number;
  /** Length of the load. */
  readonly durationMs: number;
  readonly drain: {
    /** The drain ends when nothing new arrived for so long. */
    readonly quietMs: number;
  };
  /** How long to wait for fences before the load starts all the same. */
  readonly fenceTimeoutMs: number;
  /** A delivery that took longer is late. */
  readonly deadlineMs: number;
  /** In order of time. */
  readonly steps: readonly Step[];
  /** Schedules that the seed makes up. */
  readonly chaos: readonly Chaos[];
  readonly contract: Contract;
  /** How long after a fault is healed the contract still excuses its effects. */
  readonly settleMs: number;
  readonly thresholds: readonly Threshold[];
  /** The whole run, from its first process to its report, is ended after so long. */
  readonly timeoutMs: number;
}

/** `steady`, `at-least-once` and `at-most-once` as in the ledger; `custom` leaves the verdict to the thresholds. */
export const contracts = ['steady', 'at-least-once', 'at-most-once', 'custom'] as const;
export type Contract = (typeof contracts)[number];

export const balancerKinds = ['embedded', 'none', 'haproxy', 'nginx'] as const;
export type BalancerKind = (typeof balancerKinds)[number];

export const balancerPolicies = ['round-robin', 'least-connections', 'ip-hash', 'sticky'] as const;
export type BalancerPolicy = (typeof balancerPolicies)[number];

/** A cluster that the run starts and may break. */
export interface ClusterSystem {
  readonly type: 'cluster';
  readonly nodes: number;
  /** `simple`, `embedded` or the URL of a broker. */
  readonly broker: string;
  /** How long the embedded broker keeps messages for those who come back; undefined for its default. */
  readonly historyMs: number | undefined;
  /** Where the nodes keep HTTP sessions: `memory` or the URL of Redis. */
  readonly sessions: string;
  readonly balancer: { readonly kind: BalancerKind; readonly policy: BalancerPolicy };
  /** Command line of a server to run in place of our node; needs the user's consent (`--allow-exec`). */
  readonly program: readonly string[] | undefined;
  /** The balancer's port; 0 stands for any free one. */
  readonly port: number;
  /** How long each process may take to become ready. */
  readonly readyTimeoutMs: number;
}

/** A cluster of the user's own, which the run only connects to. */
export interface TargetSystem {
  readonly type: 'target';
  /** `ws:` or `wss:`; one per node where known, or the balancer alone. */
  readonly urls: readonly string[];
  /** STOMP headers of CONNECT; secrets, never printed. */
  readonly login: string | undefined;
  readonly passcode: string | undefined;
  readonly host: string | undefined;
  /** HTTP headers of the WebSocket handshake. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Clients that behave alike. */
export interface ClientGroup {
  readonly name: string;
  readonly count: number;
  /** Clients are spread evenly over rooms `room-1` to `room-<rooms>`. */
  readonly rooms: number;
  /** As whom each connects, with placeholders; undefined for nobody in particular. */
  readonly user: string | undefined;
  /** Destinations, with `{room}`, `{client}` and `{node}` to be filled in. */
  readonly subscribe: readonly string[];
  /** undefined for clients that only listen. */
  readonly send: SendPlan | undefined;
  readonly connect: {
    /** New connections a second, of the whole group; undefined for as fast as they go. */
    readonly ratePerSecond: number | undefined;
    readonly via: 'balancer' | 'nodes';
  };
  readonly reconnect: ReconnectChoice;
  /** How often and for how long each unsubscribes during the load; undefined for never. */
  readonly unsubscribe: { readonly everyMs: number; readonly forMs: number } | undefined;
  /** Whether they ask for what they missed while away. */
  readonly recover: boolean;
  readonly engine: 'lean' | 'stompjs';
  /** Whether each logs in over HTTP before its first connection. */
  readonly session: boolean;
  /** Interval of heart-beats in both directions; 0 for none. */
  readonly heartbeatMs: number;
  /** Whether they leave at the end without DISCONNECT and without closing the connection. */
  readonly crash: boolean;
}

export interface SendPlan {
  /** A destination with placeholders, as in `subscribe`; and `{peer}`, the next client in the same room. */
  readonly to: string;
  /** Interval of one client's sends; the mean interval where the schedule is `poisson`. */
  readonly everyMs: number;
  /** Size of the body. */
  readonly sizeBytes: number;
  /** Whether each SEND asks for a RECEIPT; without, its outcome stays indeterminate. */
  readonly receipt: boolean;
  readonly schedule: 'fixed' | 'poisson';
  /** `spread`: first sends at seeded moments within one interval; `together`: all at once. */
  readonly start: 'spread' | 'together';
}

/** A profile by name, and what the scenario changes about it. */
export interface ReconnectChoice {
  readonly profile: ReconnectProfile;
  /** Ceilings of the first and of every delay, for `full-jitter`. */
  readonly minMs: number;
  readonly maxMs: number;
  /** Takes the place of the delay of a fixed profile; undefined for the profile's own. */
  readonly delayMs: number | undefined;
  /** Whether they subscribe again once they are back. */
  readonly resubscribes: boolean;
}

/** Something that is done to the cluster during the load: which fault, to whom, and how. */
export interface Step extends FaultRequest {
  /** By what later steps know it, besides its verb. */
  readonly name?: string | undefined;
  /** When it happens; of a step that comes again the first time, and of one that waits for another the earliest. */
  readonly atMs: number;
  /** Comes again until the load ends, at times that no delay moves. */
  readonly every?: { readonly intervalMs: number; readonly jitterMs: number } | undefined;
  /** Waits for what another step does. */
  readonly after?: After | undefined;
  /** Names of what it is done to, or one node that the seed chooses. */
  readonly targets: readonly string[] | 'random';
  /** How long it lasts; undefined for what does not last, and for what lasts until another step ends it. */
  readonly forMs: number | undefined;
  /** Line in the file. */
  readonly line: number | null;
}

/** What a step waits for. */
export interface After {
  /** Index of the other step. */
  readonly step: number;
  /** `fault`: it was seen to have happened; `recovered`: it is over, and every client is back. */
  readonly event: 'fault' | 'recovered';
  readonly plusMs: number;
}

/** Faults at times and to nodes that the seed chooses. */
export interface Chaos {
  /** When the first may come. */
  readonly atMs: number;
  /** How many in all. */
  readonly budget: number;
  /** From the begin of one to that of the next, at least. */
  readonly gapMs: number;
  /** How many may go on at a time. */
  readonly atOnce: number;
  /** What is chosen from; their times mean nothing. */
  readonly faults: readonly Step[];
}

export interface Threshold {
  readonly metric: string;
  /** As the user wrote it. */
  readonly text: string;
  readonly expression: Expression;
  /** Whether the run ends as soon as it fails. */
  readonly abortOnFail: boolean;
  /** Line in the file; null when it came from `--set`. */
  readonly line: number | null;
}
