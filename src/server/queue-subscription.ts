import type { QueueConsumer, QueueDelivery } from '../broker/broker.js';
import { FrameHeaders } from '../stomp/frame.js';
import type { Session } from './session.js';
import type { AckMode } from './subscription.js';

/**
 * One SUBSCRIBE of one session to a queue: a consumer that competes with others. It takes no more from the
 * queue than the client has acknowledged room for, and writes no more than the client reads.
 */
export class QueueSubscription implements QueueConsumer {
  readonly type = 'queue';
  readonly session: Session;
  /** As the client named it; a 1.0 client may leave it out. */
  readonly id: string | undefined;
  readonly destination: string;
  readonly shownDestination: string;
  readonly ack: AckMode;
  readonly prefetch: number;
  /** Brought by the broker and not yet written: at most `prefetch`. */
  #waiting: QueueDelivery[] = [];
  /** Written and not yet acknowledged, by acknowledgement id in the order of delivery; only in the client modes. */
  readonly #unacknowledged = new Map<string, QueueDelivery>();
  /** Ids under which a message came once more before it was acknowledged: the client may settle both copies. */
  readonly #repeated = new Set<string>();
  #state: 'joining' | 'live' | 'ended' = 'joining';
  #asksForRoom = false;

  constructor(session: Session, id: string | undefined, destination: string, ack: AckMode, prefetch: number) {
    this.session = session;
    this.id = id;
    this.destination = destination;
    this.shownDestination = destination;
    this.ack = ack;
    this.prefetch = prefetch;
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  deliver(delivery: QueueDelivery): void {
    if (this.isEnded) return;
    this.#waiting.push(delivery);
    this.#write();
  }

  refused(reason: string): void {
    this.session.fail({ message: reason, closeCode: 1013, countedAs: 'nothing' });
  }

  /** After the RECEIPT of the SUBSCRIBE messages may follow. */
  goLive(): void {
    if (this.#state !== 'joining') return;
    this.#state = 'live';
    this.#write();
  }

  /** What was not settled goes back to the queue when the broker ends this consumer. */
  end(): void {
    this.#state = 'ended';
    this.#waiting = [];
    this.#unacknowledged.clear();
    this.#repeated.clear();
  }

  /** Whether a delivery waits under that acknowledgement id [A08]. */
  awaits(ackId: string): boolean {
    return this.#unacknowledged.has(ackId) || this.#repeated.has(ackId);
  }

  /**
   * Settles a delivery by its acknowledgement id, in `client` mode all before it as well [A04, A05].
   * @returns false when no delivery waits under that id [A08]
   */
  settle(ackId: string, how: 'ack' | 'nack'): boolean {
    if (!this.#unacknowledged.has(ackId)) return this.#repeated.delete(ackId);
    const settled: QueueDelivery[] = [];
    for (const [id, delivery] of this.#unacknowledged) {
      if (this.ack === 'client-individual' && id !== ackId) continue;
      this.#unacknowledged.delete(id);
      settled.push(delivery);
      if (id === ackId) break;
    }
    // Only now: settling makes room for deliveries that may come before it returns.
    for (const delivery of settled) how === 'ack' ? delivery.accept() : delivery.release();
    return true;
  }

  /** Writes what waits for as long as the client reads. */
  #write(): void {
    while (this.#state === 'live' && this.#waiting.length > 0) {
      if (!this.session.hasRoom()) return this.#askForRoom();
      const delivery = this.#waiting.shift();
      if (delivery !== undefined) this.#writeOne(delivery);
    }
  }

  #repeats(ackId: string): void {
    this.#repeated.add(ackId);
    const [oldest] = this.#repeated;
    if (this.#repeated.size > this.session.limits.maxUnacknowledged && oldest !== undefined)
      this.#repeated.delete(oldest);
  }

  #askForRoom(): void {
    if (this.#asksForRoom) return;
    this.#asksForRoom = true;
    this.session.whenRoom(() => {
      this.#asksForRoom = false;
      this.#write();
    });
  }

  #writeOne(delivery: QueueDelivery): void {
    const { session } = this;
    const { message, isRedelivered } = delivery;
    // Ours comes first, since the first of repeated headers wins.
    const headers = isRedelivered
      ? new FrameHeaders(['redelivered', 'true', ...[...message.headers].flat()])
      : message.headers;
    const fanOut = session.context.router.fanOut({ ...message, headers });
    if (isRedelivered) session.context.counters.redeliveries++;
    if (this.ack === 'auto') {
      session.deliver(fanOut.frameToAcknowledge(session.version, this.id, undefined));
      // With `auto` a message counts as delivered when it is written; a session that this write ended wrote nothing.
      if (!this.isEnded) delivery.accept();
      return;
    }
    const hasAckHeader = session.version === '1.2';
    const ackId = hasAckHeader ? `${session.nextAckNumber()}` : message.id; // [A01–A03]
    // A message that comes again under the same id is the youngest.
    if (this.#unacknowledged.delete(ackId)) this.#repeats(ackId);
    this.#unacknowledged.set(ackId, delivery);
    session.deliver(fanOut.frameToAcknowledge(session.version, this.id, hasAckHeader ? ackId : undefined));
    // A broker that comes back again and again gives out anew what is still unacknowledged here.
    if (this.#unacknowledged.size > session.limits.maxUnacknowledged) {
      session.fail({ message: 'Too many messages wait for an acknowledgement.', closeCode: 1008 });
    }
  }
}
