import { isConnecting, mayHaveBody } from './command.js';
import { checkWellFormed, type Escaping, escapeWith, escapingOf } from './escape.js';
import { type Frame, type FrameHeaders, noBody, type StompVersion } from './frame.js';
import { octet } from './octet.js';
import { ProtocolError } from './protocol-error.js';

/** A frame to be written: as `Frame`, but the body may be left out. */
export type OutgoingFrame = Pick<Frame, 'command' | 'headers'> & Partial<Pick<Frame, 'body'>>;

/**
 * The octets of a frame in that version. Names and values are escaped, except in CONNECT, STOMP and
 * CONNECTED [E04, E06]. A frame with a body always carries the right content-length [F07, F08]: a right
 * one stays where it is, a wrong one is replaced.
 *
 * @throws ProtocolError `unrepresentable` for a header that the version cannot express, `bad-header` for
 * an empty name, `bad-command`, and `unexpected-body` for a body where a receiver must refuse it [F10].
 */
export function encodeFrame(frame: OutgoingFrame, version: StompVersion): Buffer {
  const { command, headers, body = noBody } = frame;
  if (!isCommand(command)) throw new ProtocolError('bad-command', 'a command consists of upper-case letters');
  if (body.length > 0 && !mayHaveBody(command)) {
    throw new ProtocolError('unexpected-body', 'only SEND, MESSAGE and ERROR frames may have a body');
  }
  const escaping = isConnecting(command) ? 'plain' : escapingOf(version);
  return joinFrame(`${command}\n${headerLines(headers, body.length, escaping)}`, body);
}

/** The header lines with the right content-length and the blank line after them. */
export function headerLines(headers: FrameHeaders, bodyBytes: number, escaping: Escaping): string {
  const announced = headers.get('content-length');
  const isRight = announced === undefined ? bodyBytes === 0 : announced === String(bodyBytes);
  let lines = '';
  for (const [name, value] of headers) {
    if (!isRight && name === 'content-length') continue;
    if (name === '') throw new ProtocolError('bad-header', 'a header has no name');
    lines += `${escapeWith(name, escaping, 'name')}:${escapeWith(value, escaping, 'value')}\n`;
  }
  return !isRight && bodyBytes > 0 ? `${lines}content-length:${bodyBytes}\n\n` : `${lines}\n`;
}

/**
 * The text of a head, followed by the octets that come after it, in one buffer with room for `extraBytes`.
 *
 * @throws ProtocolError `unrepresentable` for a lone surrogate, which UTF-8 cannot carry [F05].
 */
export function joinHead(head: string, rest: Buffer, extraBytes: number): Buffer {
  const headBytes = Buffer.byteLength(head);
  const isAscii = headBytes === head.length;
  if (!isAscii) checkWellFormed(head);
  const bytes = Buffer.allocUnsafe(headBytes + rest.length + extraBytes);
  bytes.write(head, 0, headBytes, isAscii ? 'latin1' : 'utf8');
  bytes.set(rest, headBytes);
  return bytes;
}

/** Joins a head and a body and adds the final NUL. */
export function joinFrame(head: string, body: Buffer): Buffer {
  const bytes = joinHead(head, body, 1);
  bytes[bytes.length - 1] = octet.nul;
  return bytes;
}

function isCommand(command: string): boolean {
  for (let i = 0; i < command.length; i += 1) {
    const code = command.charCodeAt(i);
    if (code < octet.upperA || code > octet.upperZ) return false;
  }
  return command.length > 0;
}
