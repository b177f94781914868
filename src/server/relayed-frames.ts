import { brokerTopic } from '../broker/relay/broker-topic.js';
import { type Frame, FrameHeaders } from '../stomp/frame.js';
import { addressOf } from './address.js';
import type { Failure } from './failure.js';
import type { Session } from './session.js';
import { isUserDestination } from './user-destination.js';

/**
 * What a node has to know of the frames that it relays: how much a session has open, so that its limits
 * hold, and what a user's private destinations are called at the broker.
 */
export class RelayedFrames {
  readonly #session: Session;
  /** The destination of each subscription, as the client named it, by the id that it has at the broker. */
  readonly #subscriptions = new Map<string, string>();
  readonly #transactions = new Set<string>();
  /** How often each receipt is owed: a client may ask for the same twice. */
  readonly #receipts = new Map<string, number>();

  constructor(session: Session) {
    this.#session = session;
  }

  get destinations(): string[] {
    return [...this.#subscriptions.values()];
  }

  /** The frame as the broker is to have it; undefined after the session was told what is wrong with it. */
  toBroker(frame: Frame): Frame | undefined {
    const receiptId = frame.headers.get('receipt');
    const placed = this.#fault(frame) ?? this.#placed(frame);
    if ('command' in placed) return placed;
    this.#session.fail({ ...placed, receiptId });
    return undefined;
  }

  /**
   * Notes what a frame opened or closed.
   * @param frame of the client
   * @param id of its subscription at the broker
   */
  sent({ command, headers }: Frame, id: string): void {
    const transaction = headers.get('transaction') ?? '';
    if (command === 'SUBSCRIBE') this.#subscriptions.set(id, headers.get('destination') ?? '');
    if (command === 'UNSUBSCRIBE') this.#subscriptions.delete(id);
    if (command === 'BEGIN') this.#transactions.add(transaction);
    if (command === 'COMMIT' || command === 'ABORT') this.#transactions.delete(transaction);
    if (command === 'SEND') this.#session.context.counters.published++;
    const receipt = headers.get('receipt');
    if (receipt === undefined) return;
    this.#receipts.set(receipt, (this.#receipts.get(receipt) ?? 0) + 1);
    this.#session.requests.opened(true);
  }

  /** The broker's frame, with the client's own word for a private destination. */
  fromBroker(frame: Frame): Frame {
    const { command, headers } = frame;
    if (command === 'RECEIPT') this.#answered(headers.get('receipt-id') ?? '');
    if (command !== 'MESSAGE') return frame;
    const named = this.#subscriptions.get(headers.get('subscription') ?? '');
    return named === undefined || !isUserDestination(named) ? frame : withDestination(frame, named);
  }

  #fault({ command }: Frame): Failure | undefined {
    const { limits, context, version } = this.#session;
    if (command === 'SUBSCRIBE' && this.#subscriptions.size >= limits.maxSubscriptions) {
      return { message: `The session has ${limits.maxSubscriptions} subscriptions already.` }; // [L07]
    }
    if (command === 'BEGIN' && this.#transactions.size >= limits.maxTransactions) {
      return { message: 'Too many transactions are open.', closeCode: 1008 }; // [T06]
    }
    if (command === 'SEND' && context.isOverloaded()) {
      context.counters.publishesRefused++;
      return { message: 'The node has too many unsent messages.', closeCode: 1013, countedAs: 'nothing' };
    }
    if (command === 'NACK' && version === '1.0') return { message: 'STOMP 1.0 has no NACK.' }; // [A07]
    return undefined;
  }

  /** The frame with a private destination under the name that it has at the broker, or what is wrong with that. */
  #placed(frame: Frame): Frame | Failure {
    const destination = frame.headers.get('destination');
    if (destination === undefined || !isUserDestination(destination)) return frame;
    const address = addressOf(this.#session, frame.command === 'SEND' ? 'SEND' : 'SUBSCRIBE', destination);
    return typeof address === 'string'
      ? { message: address }
      : withDestination(frame, brokerTopic(address.destination));
  }

  #answered(receipt: string): void {
    const owed = this.#receipts.get(receipt) ?? 0;
    if (owed === 0) return;
    if (owed === 1) this.#receipts.delete(receipt);
    else this.#receipts.set(receipt, owed - 1);
    this.#session.requests.closed(true);
  }
}

function withDestination(frame: Frame, destination: string): Frame {
  const others = [...frame.headers.without(new Set(['destination']))].flat();
  return { ...frame, headers: new FrameHeaders(['destination', destination, ...others]) };
}
