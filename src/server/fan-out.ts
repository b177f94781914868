import type { BrokerMessage } from '../broker/broker.js';
import { FrameHeaders, type StompVersion } from '../stomp/frame.js';
import { type PreparedMessage, prepareMessage } from '../stomp/prepared-message.js';
import { ProtocolError } from '../stomp/protocol-error.js';
import { isExpressible } from './expressible.js';
import type { Outgoing } from './transport.js';

/** The headers of a MESSAGE apart from `subscription` and `ack`: ours first, since the first of repeated ones wins. */
function messageHeaders(message: BrokerMessage): FrameHeaders {
  const flat = ['destination', message.destination, 'message-id', message.id];
  if (message.position !== undefined) {
    flat.push('epoch', message.position.epoch, 'offset', String(message.position.offset));
  }
  for (const [name, value] of message.headers) flat.push(name, value);
  return new FrameHeaders(flat);
}

/**
 * One message on its way to all subscriptions of this node. Encoded once per STOMP version and
 * subscription id, so that 200 subscribers with the same id share one buffer.
 */
export class FanOut {
  readonly message: BrokerMessage;
  readonly #onHeaderDropped: () => void;
  readonly #prepared = new Map<StompVersion, PreparedMessage>();
  readonly #shared = new Map<Buffer, Outgoing>();

  constructor(message: BrokerMessage, onHeaderDropped: () => void) {
    this.message = message;
    this.#onHeaderDropped = onHeaderDropped;
  }

  /** The frame for one subscription; the same object for as long as the bytes are the same. */
  frameFor(version: StompVersion, subscription: string | undefined, ack: string | undefined): Outgoing {
    let prepared = this.#prepared.get(version);
    if (prepared === undefined) {
      prepared = this.#prepare(version);
      this.#prepared.set(version, prepared);
    }
    const bytes = prepared.frameFor(subscription, ack);
    if (ack !== undefined) return { bytes };
    let outgoing = this.#shared.get(bytes);
    if (outgoing === undefined) {
      outgoing = { bytes };
      this.#shared.set(bytes, outgoing);
    }
    return outgoing;
  }

  #prepare(version: StompVersion): PreparedMessage {
    const headers = messageHeaders(this.message);
    const { body } = this.message;
    try {
      return prepareMessage({ headers, body }, version);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // 1.0 and 1.1 cannot express every octet; the message matters more than such a header [E06].
      const flat: string[] = [];
      for (const [name, value] of headers) {
        if (isExpressible(name, version, 'name') && isExpressible(value, version)) flat.push(name, value);
        else this.#onHeaderDropped();
      }
      return prepareMessage({ headers: new FrameHeaders(flat), body }, version);
    }
  }
}
