import { isUtf8 } from 'node:buffer';
import { noBody } from '../stomp/frame.js';

/** Octets that many frames end with; what must be known about them is found out once. */
export interface SharedTail {
  readonly bytes: Buffer;
  isText?: boolean;
  /** By what the node's journal knows the message; absent where it keeps none of it. */
  message?: number;
  /** All of a frame with its WebSocket frame header, and the head that it has; made by the last that was sent alone. */
  wire?: { readonly head: Buffer; readonly bytes: Buffer };
}

/**
 * A frame on its way out, in two parts: a MESSAGE to hundreds of subscribers has one tail, which is copied
 * once for each of them, straight into what their sockets write. Sessions that get the same bytes get the same
 * two buffers, so that what a transport must wrap around them is made once.
 */
export interface Outgoing {
  /** Empty, or the begin of a MESSAGE, which is always UTF-8. */
  readonly head: Buffer;
  readonly tail: SharedTail;
}

/** A frame, or a heart-beat, that is in one piece. */
export function wholeFrame(bytes: Buffer): Outgoing {
  return { head: noBody, tail: { bytes } };
}

/** Octets of the frame. */
export function frameBytes({ head, tail }: Outgoing): number {
  return head.length + tail.bytes.length;
}

/** Whether it can be a WebSocket text message. */
export function isTextFrame({ tail }: Outgoing): boolean {
  tail.isText ??= isUtf8(tail.bytes);
  return tail.isText;
}

/** Writes the frame at `at`; returns where it ends. */
export function writeFrame({ head, tail }: Outgoing, into: Buffer, at: number): number {
  if (head.length > 0) into.set(head, at);
  into.set(tail.bytes, at + head.length);
  return at + head.length + tail.bytes.length;
}
