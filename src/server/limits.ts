import { linkLimits } from '../broker/link-limits.js';
import { AppError } from '../core/errors.js';
import { type CodecLimits, defaultLimits } from '../stomp/limits.js';

/** What one node bears, per connection and as a whole. Each has a flag `--limit name=value`. */
export interface ServerLimits extends CodecLimits {
  /** A frame before CONNECT is accepted [L05]. */
  readonly maxConnectFrameBytes: number;
  /** From the upgrade to CONNECT (RabbitMQ: 10 s). */
  readonly connectTimeoutMs: number;
  /** How long a frame may stay unfinished. */
  readonly partialFrameTimeoutMs: number;
  /** Subscriptions of a session. */
  readonly maxSubscriptions: number;
  /** Open transactions of a session. */
  readonly maxTransactions: number;
  /** Frames that wait for one COMMIT. */
  readonly maxTransactionActions: number;
  /** Octets of all frames that wait for one COMMIT. */
  readonly maxTransactionBytes: number;
  /** Requests of a session whose receipt is still owed. */
  readonly maxOpenReceipts: number;
  /** Messages of a session that wait for an ACK or NACK. */
  readonly maxUnacknowledged: number;
  /** Connections of the node. */
  readonly maxConnections: number;
  /** Connections from one address; not applied to loopback. */
  readonly maxConnectionsPerAddress: number;
  /** New connections per second, sustained, so that a reconnect storm is not self-inflicted. */
  readonly acceptPerSecond: number;
  /** New connections at once, beyond the sustained rate. */
  readonly acceptBurst: number;
  /** Frames per second and session; not applied to loopback. Beyond it the socket is not read. */
  readonly maxFramesPerSecond: number;
  /** A session with more unsent bytes is a slow consumer (Spring: 512 KiB). */
  readonly maxUnsentBytes: number;
  /** A session whose oldest unsent byte is older is a slow consumer (Spring: 10 s). */
  readonly maxUnsentMs: number;
  /** Unsent bytes of all sessions; beyond it publishes are refused. */
  readonly maxTotalUnsentBytes: number;
  /** Heart-beats offered in both directions. */
  readonly heartbeatMs: number;
  /** How long a closing connection may take before it is cut. */
  readonly closeTimeoutMs: number;
  /** An HTTP session that is not used for so long ends (servlet containers: 30 min); an open WebSocket uses it. */
  readonly httpSessionIdleMs: number;
  /** HTTP sessions in the store; when it is full logins are refused, and those who are logged in stay. */
  readonly maxHttpSessions: number;
  /** Body of a login. */
  readonly maxFormBytes: number;
}

export const defaultServerLimits: ServerLimits = {
  ...defaultLimits,
  maxConnectFrameBytes: 16 * 1024,
  connectTimeoutMs: 10_000,
  partialFrameTimeoutMs: 10_000,
  maxSubscriptions: 128,
  maxTransactions: 16,
  maxTransactionActions: 1_024,
  maxTransactionBytes: 4 * 1_048_576,
  maxOpenReceipts: 64,
  maxUnacknowledged: 10_000,
  maxConnections: 10_000,
  maxConnectionsPerAddress: 1_000,
  acceptPerSecond: 500,
  acceptBurst: 1_000,
  maxFramesPerSecond: 1_000,
  maxUnsentBytes: 512 * 1024,
  maxUnsentMs: 10_000,
  maxTotalUnsentBytes: 256 * 1_048_576,
  heartbeatMs: 10_000,
  closeTimeoutMs: 5_000,
  httpSessionIdleMs: 30 * 60_000,
  maxHttpSessions: 100_000,
  maxFormBytes: 4 * 1024,
};

/** Limits of the embedded broker: its sessions are nodes, each carrying the work of thousands of clients. */
export const brokerServerLimits: ServerLimits = {
  ...defaultServerLimits,
  ...linkLimits,
  maxTransactionBytes: 64 * 1_048_576,
  maxSubscriptions: 1_000_000,
  maxOpenReceipts: 1_000_000,
  maxFramesPerSecond: Number.POSITIVE_INFINITY,
  maxUnsentBytes: 64 * 1_048_576,
  acceptBurst: 10_000,
  // A node or a broker that stands still for three seconds is no dead one.
  heartbeatMs: 2_000,
};

/** What a node may take at most, so that the broker takes all of it; escaping can double the headers. */
const greatest: Readonly<Record<keyof CodecLimits, number>> = {
  maxCommandBytes: linkLimits.maxCommandBytes,
  maxHeaders: linkLimits.maxHeaders / 2,
  maxHeaderLineBytes: linkLimits.maxHeaderLineBytes / 2 - 1_024,
  maxHeaderBlockBytes: linkLimits.maxHeaderBlockBytes / 2 - 4_096,
  maxBodyBytes: linkLimits.maxBodyBytes,
};

/** @throws AppError `usage` for a limit of a node that is beyond what its broker takes */
export function checkLimits(limits: ServerLimits): void {
  for (const name of Object.keys(greatest) as (keyof CodecLimits)[]) {
    if (limits[name] <= greatest[name]) continue;
    throw new AppError('usage', `The limit ${name} of ${limits[name]} is too great.`, {
      hint: `Choose at most ${greatest[name]}.`,
    });
  }
}
