import type { AppError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import type { Plan } from '../record/history.js';
import type { Recorder } from '../record/recorder.js';
import type { StampReading } from '../record/stamp.js';
import type { Connection, Engine } from './connection.js';
import type { ReconnectProfile } from './reconnect-profiles.js';
import type { Subscription } from './subscription.js';
import type { Tally } from './tally.js';

/** What all clients of a worker have in common. */
export interface ClientHost {
  readonly plan: Plan;
  /** The run in stamps. */
  readonly runNumber: number;
  readonly recorder: Recorder;
  readonly tally: Tally;
  readonly random: Random;
  /** Filled for every arrival. */
  readonly reading: StampReading;
  readonly fences: FenceWatch;
  readonly drains: DrainWatch;
  readonly canaries: CanaryWatch;
  /** This machine is at its limit: no client can go on. */
  onFatal(error: AppError): void;
}

/** Follows which subscriptions still need a fence. */
export interface FenceWatch {
  /** SUBSCRIBE was written; where no RECEIPT comes, the first fence confirms it. */
  asked(subscription: Subscription): void;
  confirmed(subscription: Subscription): void;
  arrived(subscription: Subscription, origin: number): void;
  lost(subscription: Subscription): void;
}

/** Follows which subscriptions hear nothing though they should. */
export interface CanaryWatch {
  /** From now on it should hear what is sent to its destination, over that connection of that session. */
  expects(subscription: Subscription, connection: Connection, session: number, fromMicros: number): void;
  /** @param stamp of the canary; used again after the call */
  arrived(subscription: Subscription, stamp: StampReading, atMicros: number): void;
  /** Nothing is expected of it any more: its session ended, or it was unsubscribed. */
  gone(subscription: Subscription): void;
}

/** Follows which last fences have come. */
export interface DrainWatch {
  arrived(subscription: Subscription, publisher: number): void;
}

/** What the clients of a group have in common. */
export interface ClientProfile {
  readonly engine: Engine;
  /** Tried in turn after each failed attempt, from `startAt` on. */
  readonly urls: readonly string[];
  /** Whether `urls[n]` is node n, so that a node that does not tell its name is known all the same. */
  readonly isDirect: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** STOMP virtual host. */
  readonly host: string;
  /** Of those who are no user of their own. */
  readonly login: string | undefined;
  readonly passcode: string | undefined;
  readonly heartbeatMs: number;
  readonly connectTimeoutMs: number;
  readonly recovers: boolean;
  readonly reconnect: {
    readonly profile: ReconnectProfile;
    readonly minMs: number;
    readonly maxMs: number;
    readonly delayMs: number | undefined;
    /** Whether it subscribes again when it is back. */
    readonly resubscribes: boolean;
  };
  /** Whether each logs in over HTTP, as its user, before its first connection. */
  readonly session: boolean;
  /** Whether the goodbye is none: the connection is torn down. */
  readonly leavesHard: boolean;
  /** Of what it sends; meaningless without `publishes` in the plan. */
  readonly sizeBytes: number;
  readonly receipt: boolean;
}
