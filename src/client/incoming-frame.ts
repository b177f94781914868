import type { Frame } from '../stomp/frame.js';
import type { IncomingMessage } from './connection.js';

const decimal = /^\d{1,15}$/;

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && decimal.test(text) ? Number(text) : undefined;
}

/** Fills a message, but for its times, from a decoded MESSAGE frame: the same as the scanner reads from the usual one. */
export function incomingOf(
  frame: Pick<Frame, 'body'> & { headers: { get(name: string): string | undefined } },
  into: IncomingMessage,
): void {
  into.subscription = numberOf(frame.headers.get('subscription')) ?? -1;
  into.epoch = frame.headers.get('epoch');
  into.offset = numberOf(frame.headers.get('offset'));
  into.redelivered = frame.headers.get('redelivered') === 'true';
  into.body = frame.body;
}
