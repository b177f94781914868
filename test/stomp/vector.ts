import type { StompVersion } from '../../src/stomp/frame.js';
import type { PlainFrame } from './decoding.js';

/** Octets (as UTF-8 text) and what has to come of them, in the versions named. */
export interface Vector {
  readonly title: string;
  readonly versions: readonly StompVersion[];
  readonly input: string | Buffer;
  readonly frames: readonly PlainFrame[];
  readonly heartbeats?: number;
  readonly error?: string;
}

export const all: readonly StompVersion[] = ['1.0', '1.1', '1.2'];
export const old: readonly StompVersion[] = ['1.0', '1.1'];
export const escaped: readonly StompVersion[] = ['1.1', '1.2'];

export function frame(command: string, headers: Readonly<Record<string, string>> = {}, body = ''): PlainFrame {
  return { command, headers: Object.entries(headers), body };
}
