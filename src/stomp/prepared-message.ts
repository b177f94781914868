import { headerLines, joinFrame, joinHead } from './encoder.js';
import { escapeWith, escapingOf } from './escape.js';
import { type FrameHeaders, noBody, type StompVersion } from './frame.js';

/** Set by us for each subscription; a publisher's own would confuse the subscriber. */
const perSubscription: ReadonlySet<string> = new Set(['subscription', 'ack']);

/**
 * A MESSAGE on its way to many subscriptions is encoded in two parts. This is what all subscribers of one
 * version have in common: the headers apart from `subscription` and `ack`, the blank line, the body,
 * the NUL. The body is copied.
 *
 * @throws ProtocolError `unrepresentable` where that version cannot express a header: the message can then
 * not be delivered to those subscribers.
 */
export function messageTail(
  common: { readonly headers: FrameHeaders; readonly body: Buffer },
  version: StompVersion,
): Buffer {
  const { headers, body } = common;
  const isForged = headers.has('subscription') || headers.has('ack');
  const lines = headerLines(isForged ? headers.without(perSubscription) : headers, body.length, escapingOf(version));
  return joinFrame(lines, body);
}

/**
 * The other part, with which the frame begins: the same for all messages of one subscription unless they are
 * acknowledged [G01]. `subscription` is left out where a 1.0 client gave no id [S08] and `ack` where no
 * acknowledgement is expected [A03].
 *
 * @throws ProtocolError `unrepresentable` as `encodeFrame`.
 */
export function messageHead(subscription: string | undefined, ack: string | undefined, version: StompVersion): Buffer {
  const escaping = escapingOf(version);
  let head = 'MESSAGE\n';
  if (subscription !== undefined) head += `subscription:${escapeWith(subscription, escaping, 'value')}\n`;
  if (ack !== undefined) head += `ack:${escapeWith(ack, escaping, 'value')}\n`;
  return joinHead(head, noBody, 0);
}
