import type { Socket } from 'node:net';

/**
 * Ends a connection with RST; what was not sent yet is lost. At once, unless its FIN is just being sent, which takes
 * one turn: Node would fail to reset it, leave it open for ever, and never tell that it is closed.
 */
export function resetNow(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket.connecting) socket.destroy();
  else if (isSendingFin(socket)) socket.once('finish', () => resetNow(socket));
  else socket.resetAndDestroy();
}

/** Behind everything that was written. */
function isSendingFin({ writableEnded, writableFinished, writableLength }: Socket): boolean {
  return writableEnded && !writableFinished && writableLength === 0;
}
