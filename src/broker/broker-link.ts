import type { BrokerMessage, Position, QueueConsumer, Replay } from './broker.js';

/** What a link tells the broker that it belongs to. */
export interface LinkEvents {
  /** A message of a followed destination. */
  message(message: BrokerMessage): void;
  /** What still came for a destination that is not followed any more. */
  unwanted(body: Buffer): void;
  /** Something came on a destination that cannot be used: what is stored there must be looked at. */
  doubtful(destination: string): void;
  /** Messages of followed destinations were lost on the way, nobody knows of which. */
  lost(): void;
  /** The server has the message of this id. */
  confirmed(id: string): void;
  /** The server will not have it, for this reason. */
  refused(id: string, reason: string): void;
  /** Told once, after the link was open. */
  closed(cause: Error): void;
}

/** One connection to a server, from its opening until it is lost; a `LinkedBroker` opens the next. */
export interface BrokerLink {
  /** Sends; the outcome is told as an event, or never when the link is lost first. */
  publish(message: Omit<BrokerMessage, 'position'>): void;
  /**
   * Resolves when every message confirmed from now on will come, with what came after `since`; may be
   * asked again on the same link. Without `since` nothing is replayed. Rejects when the link is lost.
   * @returns `unbroken` where the server keeps what is followed from one link to the next, without positions
   */
  follow(destination: string, since: Position | undefined): Promise<Replay | 'unbroken'>;
  unfollow(destination: string): void;
  /** Present where the server keeps what an earlier link followed: ends all of that but these. */
  keepOnly?(destinations: readonly string[]): void;
  /** Rejects when the link is lost. */
  replay(destination: string, since: Position): Promise<Replay>;
  /**
   * Present where the broker declares queues, whose messages then go to `publish` as well. Resolves when the
   * consumer takes part; rejects with a `BrokerRefusal` when the server does not take it, with anything else
   * when the link is lost. Settling a delivery over a link that was lost changes nothing.
   */
  consume?(consumer: QueueConsumer): Promise<void>;
  /** What the consumer has not settled goes back to the queue. */
  stopConsuming?(consumer: QueueConsumer): void;
  /** Ends it at once. */
  destroy(cause: Error): void;
  /** Writes what waits, then ends it. A promise is for the end of that, which comes soon, whatever the server does. */
  end(): void | Promise<void>;
}
