import { escapeWith, escapingOf } from '../stomp/escape.js';
import type { StompVersion } from '../stomp/frame.js';

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
