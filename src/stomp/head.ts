import { isUtf8 } from 'node:buffer';
import { isConnecting } from './command.js';
import { escapingOf, unescapeHeader } from './escape.js';
import { FrameHeaders, type StompVersion } from './frame.js';
import type { HeadScanner } from './head-scanner.js';
import { octet } from './octet.js';
import { ProtocolError } from './protocol-error.js';

/** Command and headers of a frame whose body may still be on its way. */
export interface Head {
  readonly command: string;
  readonly headers: FrameHeaders;
}

/**
 * Reads the head that the scanner has found at `bytes[base, base + length)`.
 *
 * @throws ProtocolError `bad-header`, `bad-utf8` [F05] or `bad-escape` [E05].
 */
export function parseHead(bytes: Buffer, base: number, length: number, scan: HeadScanner, version: StompVersion): Head {
  // One native conversion, then slices of one string: that is several times faster than to convert each part.
  const isAscii = !scan.hasNonAscii;
  const text = isAscii ? bytes.toString('latin1', base, base + length) : utf8Text(bytes, base, length);
  const mayEndWithReturn = scan.hasCarriageReturn && version === '1.2';
  const { marks, headerCount } = scan;
  const flat: string[] = [];
  let start = scan.headersStart;
  for (let mark = 0; mark < 2 * headerCount; mark += 2) {
    if (marks[mark] === 0) throw new ProtocolError('bad-header', 'a header line has no colon');
    // The scanner counts octets. Only in ASCII are these also the offsets of the characters.
    const colon = isAscii ? (marks[mark] as number) : text.indexOf(':', start);
    const end = isAscii ? (marks[mark + 1] as number) : text.indexOf('\n', start);
    if (colon === start) throw new ProtocolError('bad-header', 'a header has no name');
    const textEnd = mayEndWithReturn ? endWithoutReturn(text, start, end) : end;
    flat.push(text.slice(start, colon), text.slice(colon + 1, textEnd));
    start = end + 1;
  }
  const command = text.slice(0, scan.commandEnd);
  if (scan.hasBackslash) unescapeAll(flat, command, version);
  return { command, headers: new FrameHeaders(flat) };
}

function utf8Text(bytes: Buffer, base: number, length: number): string {
  if (isUtf8(bytes.subarray(base, base + length))) return bytes.toString('utf8', base, base + length);
  throw new ProtocolError('bad-utf8', 'the headers are not valid UTF-8');
}

/** Values are never trimmed [F12]; all that 1.2 allows is one carriage return, directly before the line feed [F02]. */
function endWithoutReturn(text: string, start: number, end: number): number {
  for (let i = start; i < end; i += 1) {
    if (text.charCodeAt(i) !== octet.carriageReturn) continue;
    if (i === end - 1) return i;
    throw new ProtocolError('bad-header', 'a header contains a carriage return that does not end its line');
  }
  return end;
}

function unescapeAll(flat: string[], command: string, version: StompVersion): void {
  const escaping = escapingOf(version);
  if (escaping === 'plain' || isConnecting(command)) return;
  for (let i = 0; i < flat.length; i += 1) flat[i] = unescapeHeader(flat[i] as string, escaping);
}
