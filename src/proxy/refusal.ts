import type { Socket } from 'node:net';
import { nowMs } from '../core/clock.js';
import { unreachable } from '../core/errors.js';
import type { RefusalReason } from './backend.js';
import { resetSocket } from './link.js';

/** How long a client that was refused may take to read the answer and to hang up. */
const farewellMs = 1_000;

/**
 * Answers in HTTP and closes. What the client has sent is read and thrown away meanwhile: closing a
 * socket with unread bytes resets it, and the reset can overtake the answer. [RFC 9112, 9.6]
 */
export function refuse(client: Socket, reason: RefusalReason): void {
  const { status, text } = answerTo(reason);
  const retry = status.startsWith('503') ? 'Retry-After: 1\r\n' : '';
  const body = `${text}\n`;
  client.end(
    `HTTP/1.1 ${status}\r\n${retry}Content-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // The socket's own timer starts again with every chunk, so a client that goes on sending needs a deadline.
  const deadlineMs = nowMs() + farewellMs;
  client.on('data', () => {
    if (nowMs() >= deadlineMs) resetSocket(client);
  });
  client.setTimeout(farewellMs, () => client.destroy());
  client.resume();
}

function answerTo(reason: RefusalReason): { readonly status: string; readonly text: string } {
  switch (reason) {
    case 'no-backend':
      return { status: '503 Service Unavailable', text: 'No node is available.' };
    case 'too-many-connections':
      return { status: '503 Service Unavailable', text: 'The balancer has no room for another connection.' };
    case 'bad-request':
      return { status: '431 Request Header Fields Too Large', text: 'The request head is larger than 16 KiB.' };
    case 'request-timeout':
      return { status: '408 Request Timeout', text: 'The request head did not arrive within 5 seconds.' };
    default:
      return unreachable(reason);
  }
}
