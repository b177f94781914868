import type { BrokerMessage } from '../broker/broker.js';
import { FrameHeaders, type StompVersion } from '../stomp/frame.js';
import { messageHead, messageTail } from '../stomp/prepared-message.js';
import { ProtocolError } from '../stomp/protocol-error.js';
import { isExpressible } from './expressible.js';
import type { Outgoing, SharedTail } from './outgoing.js';

/** The headers of a MESSAGE apart from `subscription` and `ack`: ours first, since the first of repeated ones wins. */
function messageHeaders(message: BrokerMessage): FrameHeaders {
  const flat = ['destination', message.destination, 'message-id', message.id];
  if (message.position !== undefined) {
    flat.push('epoch', message.position.epoch, 'offset', String(message.position.offset));
  }
  for (const [name, value] of message.headers) flat.push(name, value);
  return new FrameHeaders(flat);
}

/** Most subscribers of a destination use the same few subscription ids; frames for further ids are not kept. */
const maxKeptFrames = 64;

/** What is made of a message for all subscribers of one STOMP version. */
interface Prepared {
  readonly tail: SharedTail;
  /** By subscription id; without acknowledgement. */
  readonly frames: Map<string | undefined, Outgoing>;
}

/**
 * One message on its way to all subscriptions of this node. Encoded once per STOMP version; subscribers
 * with the same id share one frame, so that their sockets can share what they write.
 */
export class FanOut {
  readonly message: BrokerMessage;
  /** By what the node's journal knows it. */
  readonly #number: number | undefined;
  readonly #onHeaderDropped: () => void;
  readonly #prepared = new Map<StompVersion, Prepared>();

  /** @param number by what the node's journal knows the message, where it keeps one */
  constructor(message: BrokerMessage, onHeaderDropped: () => void, number?: number) {
    this.message = message;
    this.#number = number;
    this.#onHeaderDropped = onHeaderDropped;
  }

  /** Whether the node's journal follows it: it is a message of a run's load. */
  get isOfLoad(): boolean {
    return this.#number !== undefined;
  }

  /** The frame for a subscription that does not acknowledge; mostly the same object for the same id. */
  frameFor(version: StompVersion, subscription: { readonly id: string | undefined; readonly head: Buffer }): Outgoing {
    const { tail, frames } = this.#preparedFor(version);
    const kept = frames.get(subscription.id);
    if (kept !== undefined) return kept;
    const frame = { head: subscription.head, tail };
    if (frames.size < maxKeptFrames) frames.set(subscription.id, frame);
    return frame;
  }

  /** The frame of one delivery that waits for its ACK; only 1.2 has the header `ack` [A03]. */
  frameToAcknowledge(version: StompVersion, subscription: string | undefined, ack: string | undefined): Outgoing {
    return { head: messageHead(subscription, ack, version), tail: this.#preparedFor(version).tail };
  }

  #preparedFor(version: StompVersion): Prepared {
    let prepared = this.#prepared.get(version);
    if (prepared === undefined) {
      const bytes = this.#encodeTail(version);
      const tail = this.#number === undefined ? { bytes } : { bytes, message: this.#number };
      prepared = { tail, frames: new Map() };
      this.#prepared.set(version, prepared);
    }
    return prepared;
  }

  #encodeTail(version: StompVersion): Buffer {
    const headers = messageHeaders(this.message);
    const { body } = this.message;
    try {
      return messageTail({ headers, body }, version);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // 1.0 and 1.1 cannot express every octet; the message matters more than such a header [E06].
      const flat: string[] = [];
      for (const [name, value] of headers) {
        if (isExpressible(name, version, 'name') && isExpressible(value, version)) flat.push(name, value);
        else this.#onHeaderDropped();
      }
      return messageTail({ headers: new FrameHeaders(flat), body }, version);
    }
  }
}
