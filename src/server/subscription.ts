import type { Position } from '../broker/broker.js';
import { messageHead } from '../stomp/prepared-message.js';
import type { FanOut } from './fan-out.js';
import type { Session } from './session.js';

export type AckMode = 'auto' | 'client' | 'client-individual';

/** Until its RECEIPT a subscription holds back what comes; afterwards everything passes at once, until it ends. */
type Flow =
  | { readonly type: 'joining'; readonly held: FanOut[] }
  | { readonly type: 'live' }
  | { readonly type: 'ended' };

const live: Flow = { type: 'live' };
const ended: Flow = { type: 'ended' };

/** One SUBSCRIBE of one session to a topic, or to a user's private destination, which is a topic of its own. */
export class Subscription {
  readonly type = 'topic';
  readonly session: Session;
  /** As the client named it; a 1.0 client may leave it out. */
  readonly id: string | undefined;
  /** What the broker knows it by. */
  readonly destination: string;
  /** What the client knows it by. */
  readonly shownDestination: string;
  readonly ack: AckMode;
  /** Whether its client asked for recovery and was told from where: then it is told of a gap as well. */
  recovers = false;
  /** Whether it has lost messages: its session is about to end, and until then its messages have no position. */
  hasGap = false;
  #flow: Flow = { type: 'joining', held: [] };
  /** Acknowledgement ids in the order of delivery; only in the client modes. */
  #unacknowledged: Set<string> | undefined;
  #head: Buffer | undefined;

  constructor(
    session: Session,
    id: string | undefined,
    destination: string,
    ack: AckMode,
    shownDestination: string = destination,
  ) {
    this.session = session;
    this.id = id;
    this.destination = destination;
    this.shownDestination = shownDestination;
    this.ack = ack;
  }

  /** Takes a message from the router. */
  receive(fanOut: FanOut): void {
    if (this.#flow.type === 'live') return this.deliver(fanOut);
    if (this.#flow.type === 'ended') return;
    this.#flow.held.push(fanOut);
    if (this.#flow.held.length > this.session.limits.maxUnacknowledged) {
      this.session.fail({
        message: 'Too many messages came before the subscription was in force.',
        closeCode: 1013,
        countedAs: 'nothing',
      });
    }
  }

  /** Sends a message to the client, whatever the flow is. */
  deliver(fanOut: FanOut): void {
    const { session } = this;
    const { version } = session;
    if (this.ack === 'auto') session.deliver(fanOut.frameFor(version, this));
    else session.deliver(fanOut.frameToAcknowledge(version, this.id, this.#nextAck(fanOut)));
  }

  /** What its messages begin with; made when first asked for, since subscribers with common ids never are. */
  get head(): Buffer {
    this.#head ??= messageHead(this.id, undefined, this.session.version);
    return this.#head;
  }

  /** Whether what comes passes at once. */
  get isLive(): boolean {
    return this.#flow.type === 'live';
  }

  /** Whether it was unsubscribed; what still comes is dropped [S09]. */
  get isEnded(): boolean {
    return this.#flow.type === 'ended';
  }

  end(): void {
    this.#flow = ended;
  }

  /** Lets everything pass from now on, first what was held back and came after `position`. */
  goLive(position: Position | undefined): void {
    if (this.#flow.type !== 'joining') return;
    const { held } = this.#flow;
    this.#flow = live;
    for (const fanOut of held) {
      const own = fanOut.message.position;
      const isReplayed = own !== undefined && own.epoch === position?.epoch && own.offset <= position.offset;
      if (!isReplayed) this.deliver(fanOut);
    }
  }

  /** Whether a delivery waits under that acknowledgement id [A08]. */
  awaits(ackId: string): boolean {
    return this.#unacknowledged?.has(ackId) ?? false;
  }

  /**
   * Settles a delivery by its acknowledgement id, which on a topic only stops the waiting: in `client` mode all before it as well [A04, A05].
   * @returns false when no delivery waits under that id [A08]
   */
  settle(ackId: string): boolean {
    const waiting = this.#unacknowledged;
    if (waiting === undefined || !waiting.has(ackId)) return false;
    if (this.ack === 'client-individual') return waiting.delete(ackId);
    for (const id of waiting) {
      waiting.delete(id);
      if (id === ackId) break;
    }
    return true;
  }

  /** The `ack` header of 1.2; in 1.0 and 1.1 the message id itself is what the client acknowledges [A01–A03]. */
  #nextAck(fanOut: FanOut): string | undefined {
    this.#unacknowledged ??= new Set();
    const isNew = this.session.version === '1.2';
    const ackId = isNew ? `${this.session.nextAckNumber()}` : fanOut.message.id;
    this.#unacknowledged.add(ackId);
    if (this.#unacknowledged.size > this.session.limits.maxUnacknowledged) {
      this.session.fail({ message: 'Too many messages wait for an acknowledgement.', closeCode: 1008 });
    }
    return isNew ? ackId : undefined;
  }
}
