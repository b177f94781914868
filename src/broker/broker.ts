import type { FrameHeaders } from '../stomp/frame.js';

/**
 * A place in a destination's history. The epoch names one life of the broker's memory (a restart that
 * lost it starts another); offsets are dense from 1 in an epoch and destination. A position is the
 * last message that was seen.
 */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** A message on its way between nodes. */
export interface BrokerMessage {
  readonly destination: string;
  /** `message-id`: unique in the cluster, and the same however often the publish is retried. */
  readonly id: string;
  /** The publisher's own headers, passed through unchanged; none of STOMP's. */
  readonly headers: FrameHeaders;
  readonly body: Buffer;
  /** Given by a broker that keeps history, when the message comes back. */
  readonly position: Position | undefined;
}

/** What a broker promises, as data; the contract suite checks what is declared. */
export interface Guarantees {
  /** Whether a confirmed publish survives the loss of one node. */
  readonly delivery: 'at-most-once' | 'at-least-once';
  /** Order per (publisher, destination, subscriber). */
  readonly order: 'per-publisher' | 'none';
  /** Whether missed messages can be replayed. */
  readonly history: 'none' | 'bounded';
  /**
   * Without history: whether what others had confirmed while the link of a node was away comes to that node
   * afterwards, within bounds beyond which a gap is told. Left out means `lost`.
   */
  readonly whileAway?: 'lost' | 'kept';
  /** Whether a message reaches the subscribers of other nodes. */
  readonly reach: 'node' | 'cluster';
  /**
   * Whether messages of `/queue/…` are kept, bounded, until one of the competing consumers has settled
   * them. Left out means `none`: what is sent to or asked of a queue is then refused.
   */
  readonly queues?: 'none' | 'bounded';
}

/** `ready` only while the interest of all watched destinations is in force. */
export type BrokerStatus = 'connecting' | 'ready' | 'away' | 'closed';

/** The answer to a request for what was missed: all of it or nothing. */
export type Replay =
  | { readonly recovered: true; readonly messages: readonly BrokerMessage[]; readonly position: Position }
  | { readonly recovered: false; readonly position: Position | undefined };

/** What a broker tells the router; set once, before the broker is used. */
export interface BrokerEvents {
  /** A message for a watched destination, in the broker's order. */
  message(message: BrokerMessage): void;
  /** What came for a destination that is not watched any more, and goes no further. */
  unwanted?(body: Buffer): void;
  /** Messages of this destination were lost between broker and node and cannot be replayed; the next comes after `position`. */
  gap(destination: string, position: Position | undefined): void;
}

/** One message of a queue on its way to one consumer, which must settle it: the first call counts. */
export interface QueueDelivery {
  /** Without position: queues have no history. */
  readonly message: BrokerMessage;
  /** Whether it may have been delivered before. */
  readonly isRedelivered: boolean;
  /** The consumer is done with it; the queue forgets it. */
  accept(): void;
  /** It goes back to its old place in the queue, for another consumer where there is one. */
  release(): void;
}

/** Who takes messages out of a queue, one of possibly many. */
export interface QueueConsumer {
  readonly destination: string;
  /** How many unsettled deliveries it may have at a time, at least 1. */
  readonly prefetch: number;
  deliver(delivery: QueueDelivery): void;
  /** The broker, having come back, does not take it again: nothing more will be brought. */
  refused(reason: string): void;
}

/** What carries messages between nodes. */
export interface Broker extends AsyncDisposable {
  /** `simple`, `embedded` …, as the user names it. */
  readonly kind: string;
  readonly guarantees: Guarantees;
  readonly status: BrokerStatus;
  /** Memory that its history takes, where that is in this process. */
  readonly historyBytes?: number | undefined;
  /**
   * Resolves when the broker has the message. While the broker is away publishes wait, bounded in
   * number and time; beyond the bound it rejects with a `BrokerRefusal`.
   */
  publish(message: Omit<BrokerMessage, 'position'>): Promise<void>;
  /**
   * Resolves when the interest is in force: every message confirmed after this comes to `message`. May be
   * asked again for the same destination, with the same meaning: while the broker is away nobody's
   * interest is in force. Rejects like `publish`; resolves, with nothing, when `unwatch` comes first.
   * @returns the position after which messages will come, where the broker keeps history
   */
  watch(destination: string): Promise<Position | undefined>;
  /** Ends the interest; messages under way may still come. */
  unwatch(destination: string): void;
  /** All messages of a destination after `since`, or nothing. Rejects like `publish` while the broker is away. */
  replay(destination: string, since: Position): Promise<Replay>;
  /**
   * Present where `guarantees.queues` is `bounded`. Resolves when the consumer takes part in the queue of
   * its destination, in turn with the others; it may be brought messages before. Rejects like `publish`.
   */
  consume?(consumer: QueueConsumer): Promise<void>;
  /** Ends a consumer; whatever it has not settled goes back to the queue. Settling it later changes nothing. */
  stopConsuming?(consumer: QueueConsumer): void;
}

/** Whether a destination names a queue: each of its messages is for one consumer. */
export function isQueue(destination: string): boolean {
  return destination.startsWith('/queue/');
}

/** The broker did not take a request: away for too long, or full. Becomes an ERROR frame for the client. */
export class BrokerRefusal extends Error {
  /** Whether it may have taken it all the same: it was asked and did not answer. */
  readonly isUncertain: boolean;

  constructor(message: string, { isUncertain = false, ...options }: { cause?: unknown; isUncertain?: boolean } = {}) {
    super(message, options);
    this.name = 'BrokerRefusal';
    this.isUncertain = isUncertain;
  }
}
