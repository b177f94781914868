import type { ClientOptions } from 'ws';
import { goodbyeTimeoutMs, maxFrameBytes } from './connection.js';

/** `ws` 8.18 and later; its type definitions do not know it yet. */
interface WithCloseTimeout extends ClientOptions {
  readonly closeTimeout: number;
}

/**
 * How both engines open their sockets. Compression is on by default in `ws` clients and would measure
 * zlib; UTF-8 is not validated, because what comes is measured and counted, never shown.
 */
export function socketOptions(headers: Readonly<Record<string, string>>): WithCloseTimeout {
  return {
    headers,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    maxPayload: maxFrameBytes,
    closeTimeout: goodbyeTimeoutMs,
  };
}
