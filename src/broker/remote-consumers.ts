import { nowMs } from '../core/clock.js';
import { FrameHeaders } from '../stomp/frame.js';
import { type BrokerMessage, BrokerRefusal, type QueueConsumer } from './broker.js';

/** How long a new consumer may wait for the broker before it is refused. */
const maxWaitMs = 10_000;

interface RemoteConsumer {
  readonly id: string;
  readonly consumer: QueueConsumer;
  readonly sinceMs: number;
  readonly confirm: () => void;
  readonly refuse: (error: BrokerRefusal) => void;
  /** Whether the broker has confirmed it once; whoever waited for that knows. */
  isConfirmed: boolean;
}

/** A MESSAGE of a queue as it came over the connection. */
export interface RemoteDelivery {
  readonly message: BrokerMessage;
  readonly isRedelivered: boolean;
  /** Tells the broker, if the connection is still the same. */
  readonly settle: (command: 'ACK' | 'NACK') => void;
}

/**
 * The consumers of a node's sessions, each one subscription on the broker connection, so that the broker
 * itself gives every consumer of the cluster its turn. They outlive the connection; what they had not
 * settled on it the broker gives out again.
 */
export class RemoteConsumers {
  readonly #byId = new Map<string, RemoteConsumer>();
  readonly #ids = new Map<QueueConsumer, string>();
  #made = 0;

  /** @returns the headers of its SUBSCRIBE, and a promise for the broker's confirmation */
  add(consumer: QueueConsumer): { headers: FrameHeaders; inForce: Promise<void> } {
    const id = `q-${++this.#made}`;
    const inForce = new Promise<void>((confirm, refuse) => {
      this.#byId.set(id, { id, consumer, sinceMs: nowMs(), confirm, refuse, isConfirmed: false });
      this.#ids.set(consumer, id);
    });
    return { headers: headersFor(id, consumer), inForce };
  }

  /** @returns the subscription id to UNSUBSCRIBE */
  remove(consumer: QueueConsumer): string | undefined {
    const id = this.#ids.get(consumer);
    if (id === undefined) return undefined;
    this.#ids.delete(consumer);
    this.#byId.get(id)?.confirm();
    this.#byId.delete(id);
    return id;
  }

  /** For every consumer, to take it up again on a new connection. */
  subscribeHeaders(): FrameHeaders[] {
    return [...this.#byId.values()].map(({ id, consumer }) => headersFor(id, consumer));
  }

  /** Whether a subscription belongs to a consumer, present or ended. */
  owns(subscription: string): boolean {
    return subscription.startsWith('q-');
  }

  /** Hands a message on; to an ended consumer nothing, since its UNSUBSCRIBE brings the message back to the queue. */
  deliver(id: string, { message, isRedelivered, settle }: RemoteDelivery): void {
    const consumer = this.#byId.get(id)?.consumer;
    if (consumer === undefined) return;
    let isSettled = false;
    const settleOnce = (command: 'ACK' | 'NACK') => {
      if (isSettled || !this.#byId.has(id)) return;
      isSettled = true;
      settle(command);
    };
    consumer.deliver({
      // The body may be a view of the socket's chunk, and a consumer may hold it back.
      message: { ...message, body: Buffer.from(message.body) },
      isRedelivered,
      accept: () => settleOnce('ACK'),
      release: () => settleOnce('NACK'),
    });
  }

  /**
   * @param refused why the broker does not take it, if so
   * @returns whether the receipt belongs to a consumer, present or ended
   */
  confirm(id: string, refused: string | undefined): boolean {
    const remote = this.#byId.get(id);
    if (remote === undefined) return this.owns(id);
    if (refused === undefined) remote.confirm();
    else if (remote.isConfirmed) remote.consumer.refused(refused);
    else remote.refuse(new BrokerRefusal(refused));
    remote.isConfirmed = true;
    return true;
  }

  refuseExpired(): void {
    const oldestMs = nowMs() - maxWaitMs;
    for (const remote of this.#byId.values()) {
      if (remote.isConfirmed || remote.sinceMs >= oldestMs) continue;
      remote.isConfirmed = true;
      remote.refuse(new BrokerRefusal('The broker is away.'));
    }
  }

  refuseAll(reason: string): void {
    for (const remote of this.#byId.values()) remote.refuse(new BrokerRefusal(reason));
  }
}

function headersFor(id: string, consumer: QueueConsumer): FrameHeaders {
  return FrameHeaders.of({
    id,
    destination: consumer.destination,
    ack: 'client-individual',
    'prefetch-count': String(consumer.prefetch),
    receipt: id,
  });
}
