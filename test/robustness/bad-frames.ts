import type { StompVersion } from '../../src/stomp/frame.js';

/** What a peer says that it should not, and the only answer that is right. */
export interface BadFrames {
  readonly name: string;
  /** Who says it: a stranger before CONNECT, or a session of that version. */
  readonly from: 'stranger' | StompVersion;
  /** What it says before, and may. */
  readonly after?: string;
  readonly input: string | Buffer;
  /** The `message` of the ERROR (absent where there is none) and the close code; or the session goes on. */
  readonly expected: { readonly error?: string; readonly code: number } | 'goes on';
}

export const topic = '/topic/bad-input';

/** What the ERROR says of octets that are no frame. */
export const unreadable = (why: string): string => `The frame cannot be read: ${why}.`;

/** What the ERROR says of a frame that is too large. */
export const beyond = (limit: string): string => unreadable(`the frame exceeds the limit ${limit}`);

/** A SEND with more header lines, each with its end, and a body. */
export const send = (headers: string, body = ''): string => `SEND\ndestination:${topic}\n${headers}\n${body}\0`;

export const notCommand = {
  error: unreadable('the command contains something else than upper-case letters'),
  code: 1002,
};
