import type { Socket } from 'node:net';
import { nowMs } from '../core/clock.js';

/** The cookie by which the sticky policy knows a client again. */
export const stickyCookieName = 'cluster-chat-node';

/** A request head larger than this is refused. */
const maxHeadBytes = 16 * 1024;
/** A request head that takes longer than this is refused. */
const headTimeoutMs = 5_000;

const endOfHead = Buffer.from('\r\n\r\n');

/** What came of reading the first request head. */
export type HeadOutcome =
  /** `bytes` is everything that was read, the head and whatever followed it; it must be sent on. */
  | { readonly type: 'head'; readonly bytes: Buffer; readonly stickyName: string | undefined }
  | { readonly type: 'too-large' }
  | { readonly type: 'timeout' }
  | { readonly type: 'closed' };

/**
 * Reads the first HTTP request head of a paused socket and leaves the socket paused. Never rejects.
 * Bounds: 16 KiB and 5 s from now on, however slowly the bytes drip.
 */
export function readRequestHead(client: Socket): Promise<HeadOutcome> {
  return new Promise((resolve) => {
    const deadlineMs = nowMs() + headTimeoutMs;
    let read: Buffer = Buffer.alloc(0);
    const finish = (outcome: HeadOutcome): void => {
      client.pause();
      client.off('data', onData).off('end', onClosed).off('close', onClosed).off('timeout', onTimeout);
      client.setTimeout(0);
      resolve(outcome);
    };
    const onTimeout = (): void => finish({ type: 'timeout' });
    const onClosed = (): void => finish({ type: 'closed' });
    const onData = (chunk: Buffer): void => {
      // The end may straddle two chunks, so the search starts three bytes before the new one.
      const searchFrom = Math.max(0, read.length - 3);
      read = read.length === 0 ? chunk : Buffer.concat([read, chunk]);
      const end = read.indexOf(endOfHead, searchFrom);
      if (end > maxHeadBytes || (end === -1 && read.length > maxHeadBytes)) finish({ type: 'too-large' });
      else if (end !== -1)
        finish({ type: 'head', bytes: read, stickyName: stickyNameIn(read.toString('latin1', 0, end)) });
      // The socket's own timer starts again with every chunk; only what is left may be granted again.
      else client.setTimeout(Math.max(1, deadlineMs - nowMs()));
    };
    client.on('data', onData).on('end', onClosed).on('close', onClosed).on('timeout', onTimeout);
    client.setTimeout(headTimeoutMs);
    client.resume();
  });
}

/** The header that makes a client come back to this backend. The name needs no quoting: the pool allows tokens only. */
export function stickyHeader(backendName: string): string {
  return `Set-Cookie: ${stickyCookieName}=${backendName}; Path=/; HttpOnly; SameSite=Lax\r\n`;
}

/** The value of the cookie in a request head; the first one wins. */
export function stickyNameIn(head: string): string | undefined {
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon === -1 || line.slice(0, colon).toLowerCase() !== 'cookie') continue;
    for (const pair of line.slice(colon + 1).split(';')) {
      const [name, value] = pair.split('=', 2);
      if (name?.trim() === stickyCookieName) return value?.trim();
    }
  }
  return undefined;
}
