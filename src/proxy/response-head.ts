import type { HeadRewrite } from './link.js';

/** A response whose head is longer than this passes unchanged. */
const maxHeldBytes = 16 * 1024;

const statusLine = /^HTTP\/1\.[01] (\d{3})[^\r\n]*\r\n/;
/** Whether more bytes could still make a status line of this. */
const mayBecomeStatusLine = /^(?:H|HT|HTT|HTTP|HTTP\/[^\r\n]*\r?)?$/;

/**
 * Adds a header line to the first final response of a connection, directly behind the status line,
 * so that no more than that line is ever held back. Interim responses (100, 102, 103) pass
 * unchanged; 101 is final, because the upgrade ends HTTP. [RFC 9110, 15.2]
 * Anything that is not HTTP/1 passes unchanged.
 * @param headerLine with its CRLF
 */
export function addResponseHeader(headerLine: string): HeadRewrite {
  let held: Buffer = Buffer.alloc(0);
  let done = false;
  const release = (): Buffer => {
    const bytes = held;
    held = Buffer.alloc(0);
    return bytes;
  };
  return {
    get done() {
      return done;
    },
    take: (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const at = insertionPoint(held);
      if (at === 'wait' && held.length <= maxHeldBytes) return undefined;
      done = true;
      if (typeof at === 'string') return release();
      const bytes = release();
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(headerLine, 'latin1'), bytes.subarray(at)]);
    },
    rest: release,
  };
}

/** Where the header belongs; `wait` when more bytes are needed, `never` when this is no HTTP response. */
function insertionPoint(bytes: Buffer): number | 'wait' | 'never' {
  const text = bytes.toString('latin1', 0, maxHeldBytes);
  let start = 0;
  for (;;) {
    const rest = text.slice(start);
    const match = statusLine.exec(rest);
    if (match === null) return mayBecomeStatusLine.test(rest) ? 'wait' : 'never';
    const isInterim = match[1]?.startsWith('1') === true && match[1] !== '101';
    if (!isInterim) return start + match[0].length;
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) return 'wait';
    start += end + 4;
  }
}
