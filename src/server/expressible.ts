import { encodeFrame } from '../stomp/encoder.js';
import { escapeWith, escapingOf } from '../stomp/escape.js';
import { type Frame, FrameHeaders, type StompVersion } from '../stomp/frame.js';
import { ProtocolError } from '../stomp/protocol-error.js';

/**
 * Whether a header can carry the text in that version [E01, E02]. 1.0 and 1.1 cannot express every
 * octet, but a raw carriage return gets past their decoders: what we shall have to repeat to a peer
 * is asked here first, so that writing it cannot fail half-way through a fan-out.
 */
export function isExpressible(text: string, version: StompVersion, part: 'name' | 'value' = 'value'): boolean {
  try {
    escapeWith(text, escapingOf(version), part);
    return true;
  } catch {
    return false;
  }
}

/**
 * The octets of a frame without the headers that the version cannot express: the frame matters more than
 * such a header [E06].
 */
export function encodeExpressible(frame: Frame, version: StompVersion, onDropped: () => void): Buffer {
  try {
    return encodeFrame(frame, version);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const flat: string[] = [];
    for (const [name, value] of frame.headers) {
      if (isExpressible(name, version, 'name') && isExpressible(value, version)) flat.push(name, value);
      else onDropped();
    }
    return encodeFrame({ ...frame, headers: new FrameHeaders(flat) }, version);
  }
}
