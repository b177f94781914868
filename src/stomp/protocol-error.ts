import type { CodecLimits } from './limits.js';

export type ProtocolErrorReason =
  | 'limit'
  | 'bad-command'
  | 'unknown-command'
  | 'bad-header'
  | 'bad-escape'
  | 'bad-utf8'
  | 'bad-content-length'
  | 'missing-nul'
  | 'unexpected-body'
  | 'bad-heartbeat'
  | 'unrepresentable';

/**
 * A peer broke the protocol, or we were asked to write what the protocol cannot express. The message is
 * ASCII, one line and free of the peer's own text, so that it fits an ERROR frame of every version.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly reason: ProtocolErrorReason;
  /** The limit that was exceeded, if the reason is `limit`. */
  readonly limit: keyof CodecLimits | undefined;
  /** The WebSocket close code that follows the ERROR frame: 1009 for a limit, otherwise 1002. */
  readonly closeCode: 1002 | 1009;

  constructor(reason: ProtocolErrorReason, message: string, limit?: keyof CodecLimits) {
    super(message);
    this.reason = reason;
    this.limit = limit;
    this.closeCode = reason === 'limit' ? 1009 : 1002;
  }
}

/** The error for an exceeded limit; its message names the limit and its value. */
export function limitExceeded(limits: CodecLimits, limit: keyof CodecLimits): ProtocolError {
  return new ProtocolError('limit', `the frame exceeds the limit ${limit} of ${limits[limit]}`, limit);
}
