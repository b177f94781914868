import { headerLines, joinFrame, joinHead } from './encoder.js';
import { type Escaping, escapeWith, escapingOf } from './escape.js';
import type { FrameHeaders, StompVersion } from './frame.js';

/** Most subscribers of a destination use the same few subscription ids; frames for further ids are not kept. */
const maxKeptFrames = 64;
/** Set by us for each subscription; a publisher's own would confuse the subscriber. */
const perSubscription: ReadonlySet<string> = new Set(['subscription', 'ack']);

/** One message on its way to many subscriptions: what they have in common is escaped and encoded once. */
export class PreparedMessage {
  readonly #escaping: Escaping;
  /** Everything after the headers of the subscription: common headers, blank line, body, NUL. */
  readonly #tail: Buffer;
  readonly #kept = new Map<string | undefined, Buffer>();

  constructor(headers: FrameHeaders, body: Buffer, version: StompVersion) {
    this.#escaping = escapingOf(version);
    const common = headers.has('subscription') || headers.has('ack') ? headers.without(perSubscription) : headers;
    this.#tail = joinFrame(headerLines(common, body.length, this.#escaping), body);
  }

  /**
   * The MESSAGE frame for one subscription [G01], `subscription` being left out where a 1.0 client gave no
   * id [S08] and `ack` where no acknowledgement is expected [A03]. Without `ack`, equal ids get the very
   * same buffer: do not write into it.
   *
   * @throws ProtocolError `unrepresentable` as `encodeFrame`.
   */
  frameFor(subscription: string | undefined, ack: string | undefined): Buffer {
    if (ack !== undefined) return this.#build(subscription, ack);
    const kept = this.#kept.get(subscription);
    if (kept !== undefined) return kept;
    const frame = this.#build(subscription, ack);
    if (this.#kept.size < maxKeptFrames) this.#kept.set(subscription, frame);
    return frame;
  }

  #build(subscription: string | undefined, ack: string | undefined): Buffer {
    let head = 'MESSAGE\n';
    if (subscription !== undefined) head += `subscription:${escapeWith(subscription, this.#escaping, 'value')}\n`;
    if (ack !== undefined) head += `ack:${escapeWith(ack, this.#escaping, 'value')}\n`;
    return joinHead(head, this.#tail, 0);
  }
}

/**
 * Prepares a message for the subscribers of one version. The body is copied.
 *
 * @throws ProtocolError `unrepresentable` where that version cannot express a header: the message can then
 * not be delivered to those subscribers.
 */
export function prepareMessage(
  common: { readonly headers: FrameHeaders; readonly body: Buffer },
  version: StompVersion,
): PreparedMessage {
  return new PreparedMessage(common.headers, common.body, version);
}
