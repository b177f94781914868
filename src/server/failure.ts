import { encodeFrame } from '../stomp/encoder.js';
import { FrameHeaders, noBody, type StompVersion } from '../stomp/frame.js';
import { isExpressible } from './expressible.js';
import type { NodeCounters } from './metrics.js';

/** Why a session is ended by the server: becomes an ERROR frame, then a close. */
export interface Failure {
  /** Our own words, ASCII, never the peer's. */
  readonly message: string;
  /** Longer explanation for the body of the ERROR. */
  readonly detail?: string;
  /** The receipt that the offending frame asked for [X03]. */
  readonly receiptId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** WebSocket close code. Spring closes with 1002 after an ERROR; limits use 1009, slow consumers 4500, gaps 4501. */
  readonly closeCode?: number;
  /** What it is counted as, by default as a fault of the peer; `nothing` where that is done elsewhere or the peer did no wrong. */
  readonly countedAs?: keyof NodeCounters | 'nothing';
}

/** The ERROR frame of a failure [X02]; a receipt id that the version cannot express is left out. */
export function encodeError(failure: Failure, version: StompVersion): Buffer {
  const { receiptId, detail } = failure;
  const headers: Record<string, string> = { message: failure.message, ...failure.headers };
  if (receiptId !== undefined && isExpressible(receiptId, version)) headers['receipt-id'] = receiptId;
  if (detail !== undefined) headers['content-type'] = 'text/plain';
  const body = detail === undefined ? noBody : Buffer.from(detail);
  return encodeFrame({ command: 'ERROR', headers: FrameHeaders.of(headers), body }, version);
}
