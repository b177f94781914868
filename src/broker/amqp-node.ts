import { randomToken } from '../core/random.js';
import { RecentIds } from './recent-ids.js';

/** What RabbitMQ keeps for a node whose link is away. */
export interface InboxLimits {
  /** How long, counted from the loss of the link. What the node misses after that is reported as a gap. */
  readonly expiresMs: number;
  /** The oldest go when there are more; the node notices and reports a gap. */
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/** Room for as much as another node may have unconfirmed; a node that died for good takes it up for a minute. */
export const defaultInboxLimits: InboxLimits = {
  expiresMs: 60_000,
  maxMessages: 20_000,
  maxBytes: 32 * 1_048_576,
};

/** About how many messages a few nodes can have unanswered at once. */
const maxIds = 65_536;

/** One node, in its present life, as RabbitMQ knows it: what outlives the links and not the process. */
export class AmqpNode {
  readonly limits: InboxLimits;
  /** Destinations that RabbitMQ has said to be bound to the inbox. */
  readonly bound = new Set<string>();
  /** The youngest marker that RabbitMQ gave out; it was not told to forget it. */
  heldMarker: number | undefined;
  /** The message whose overflow was reported last. */
  toldOverflow: string | undefined;
  /** Messages for queues that were sent, over this link or one before, and may be there. */
  readonly sent = new RecentIds(maxIds);
  /** Messages for queues that RabbitMQ had no room for. */
  readonly refused = new RecentIds(maxIds);
  /** Messages of queues that came to a consumer of this node. */
  readonly seen = new RecentIds(maxIds);
  /** Drawn anew in each life, so that no node inherits what another was sent. */
  readonly #token = randomToken(8);
  #inboxes = 1;
  #markers = 0;

  constructor(limits: InboxLimits) {
    this.limits = limits;
  }

  /** The queue that holds what this node is interested in. */
  get inbox(): string {
    return `cluster-chat.node.${this.#token}.${this.#inboxes}`;
  }

  /** The queue to which RabbitMQ moves what the inbox has no room for. */
  get overflow(): string {
    return `${this.inbox}.overflow`;
  }

  nextMarker(): number {
    return ++this.#markers;
  }

  /** The inbox cannot be used any more: another takes its place, and all that is in it counts as lost. */
  abandonInbox(): void {
    this.#inboxes++;
    this.bound.clear();
  }
}
