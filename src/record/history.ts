/**
 * The history of a run: the facts that clients observed, and nothing concluded from them.
 * Workers write facts, the ledger reads them, `events.ndjson` keeps them. Times are microseconds of
 * the host's monotonic clock (core/clock). Clients, destinations and nodes are known by their
 * index in the run's plan.
 */

import type { HttpSessionFact } from './http-sessions.js';

/** What a client group and the scenario say about who sends and who listens; fixed before the load. */
export interface Plan {
  readonly runId: string;
  /** Node names; the index is the node's number in facts and in the reach matrix. */
  readonly nodes: readonly string[];
  readonly destinations: readonly string[];
  readonly clients: readonly PlannedClient[];
}

export interface PlannedClient {
  /** Destinations it subscribes to. */
  readonly subscribes: readonly number[];
  /** Destinations it sends to. */
  readonly publishes: readonly number[];
  /** Whether it asks the server to replay what it missed while away. */
  readonly recovers: boolean;
}

/** Node index of a session whose node is not known (a balancer that does not say). */
export const unknownNode = -1;

/**
 * What happened to a publish. *acked*: its RECEIPT came. *rejected*: an ERROR came for it, or it was
 * never handed to a socket. *indeterminate*: everything else; never counted as lost, never as success.
 */
export const publishOutcome = { acked: 1, rejected: 2, indeterminate: 3 } as const;
export type PublishOutcome = (typeof publishOutcome)[keyof typeof publishOutcome];

/** Marks on an arrival; a bit set. */
export const arrivalMark = {
  /** It came between SUBSCRIBE and its RECEIPT: replayed from the broker's history. */
  recovered: 1,
  /** The server itself said that it may have been delivered before. */
  redelivered: 2,
  /** Its client's process had stood still before it was read: it may have come earlier. */
  waited: 4,
} as const;

/** A session is one connection of a client, counted from 1 per client. */
export interface SessionOpened {
  readonly type: 'session-opened';
  readonly client: number;
  readonly session: number;
  readonly node: number;
  /** The `session` header of CONNECTED, by which the node's journal knows it; left out when there was none. */
  readonly id?: string;
  readonly atMicros: number;
}

export interface SessionClosed {
  readonly type: 'session-closed';
  readonly client: number;
  readonly session: number;
  /** When the loss was seen. */
  readonly atMicros: number;
  /** The last byte received before that: the end of what is certain. */
  readonly lastByteAtMicros: number;
  /** How long before that the client had stopped reading, where the end may have waited for it to read on. */
  readonly unreadMs?: number;
  /** WebSocket close code; 1006 when there was none. */
  readonly closeCode: number;
  /** Whether the client closed it on purpose. */
  readonly intended: boolean;
}

export interface SubscribeWritten {
  readonly type: 'subscribe-written';
  readonly client: number;
  readonly session: number;
  readonly destination: number;
  readonly atMicros: number;
}

export interface SubscriptionConfirmed {
  readonly type: 'subscription-confirmed';
  readonly client: number;
  readonly session: number;
  readonly destination: number;
  readonly atMicros: number;
  /** What the RECEIPT said about recovery; undefined when it said nothing. */
  readonly recovered: boolean | undefined;
}

export interface UnsubscribeWritten {
  readonly type: 'unsubscribe-written';
  readonly client: number;
  readonly session: number;
  readonly destination: number;
  readonly atMicros: number;
}

export interface UnsubscribeConfirmed {
  readonly type: 'unsubscribe-confirmed';
  readonly client: number;
  readonly session: number;
  readonly destination: number;
  readonly atMicros: number;
}

/** Something arrived that must not: counted, with the first few examples kept. */
export interface UnexpectedArrived {
  readonly type: 'unexpected-arrived';
  readonly client: number;
  readonly session: number;
  readonly reason: 'foreign-run' | 'corrupt' | 'wrong-destination' | 'no-stamp';
  readonly atMicros: number;
}

/**
 * A subscription heard nothing although a canary that was sent after it began has passed through the system, and
 * although bytes came on its connection since then.
 */
export interface SubscriptionSilent {
  readonly type: 'subscription-silent';
  readonly client: number;
  readonly session: number;
  readonly destination: number;
  /** When it heard something last; where it never did, since when it could have. */
  readonly sinceMicros: number;
  /** When that was clear. */
  readonly atMicros: number;
}

/** A silent subscription heard something again, in the same session. */
export interface SubscriptionHeard {
  readonly type: 'subscription-heard';
  readonly client: number;
  readonly session: number;
  readonly destination: number;
  /** Whether the canary that it missed came after all: then it was not deaf, its messages were late. */
  readonly delayed: boolean;
  readonly atMicros: number;
}

export type SessionFact =
  | SessionOpened
  | SessionClosed
  | SubscribeWritten
  | SubscriptionConfirmed
  | UnsubscribeWritten
  | UnsubscribeConfirmed
  | UnexpectedArrived
  | SubscriptionSilent
  | SubscriptionHeard
  | HttpSessionFact;

/** One column of a table of facts: a plain array, or a typed array straight from the recorder. */
export type Column = ArrayLike<number>;

/**
 * Publishes, in columns: row i of every column is one message. A message is (publisher, epoch,
 * destination, sequence); the epoch is the publisher's session, the sequence is dense from 1 in it.
 */
export interface PublishColumns {
  readonly publisher: Column;
  readonly epoch: Column;
  readonly destination: Column;
  readonly sequence: Column;
  /** When the schedule wanted it sent; never re-based. */
  readonly intendedAtMicros: Column;
  /** When it was handed to the socket; NaN (null in JSON) when it never was. */
  readonly writtenAtMicros: Column;
  /** 1 when it fell due while the publisher had no connection: its slip is the system's, not the generator's. */
  readonly held: Column;
}

/** Ends of publishes, in columns. A message without a row here is indeterminate. */
export interface SettlementColumns {
  readonly publisher: Column;
  readonly epoch: Column;
  readonly destination: Column;
  readonly sequence: Column;
  /** Values of `publishOutcome`. */
  readonly outcome: Column;
  readonly atMicros: Column;
}

/** Arrivals of the run's own messages, intact and on the right destination, in columns. */
export interface ArrivalColumns {
  readonly subscriber: Column;
  readonly session: Column;
  readonly publisher: Column;
  readonly epoch: Column;
  readonly destination: Column;
  readonly sequence: Column;
  readonly atMicros: Column;
  readonly marks: Column;
}

/** What one worker saw since its last batch. */
export interface FactBatch {
  readonly sessions: readonly SessionFact[];
  readonly publishes: PublishColumns;
  readonly settlements: SettlementColumns;
  readonly arrivals: ArrivalColumns;
}
