import type { Session } from './session.js';

/** The answer to DISCONNECT: finishes what was accepted, says the last words, then closes. */
export async function disconnect(session: Session, lastWords: () => void): Promise<void> {
  if (!session.beginToLeave()) return;
  session.forget();
  await finish(session);
  lastWords();
  session.end(1000, 'The client disconnected.');
}

/**
 * How a draining node says goodbye: it finishes what was accepted, and the client hears until the end what it listens
 * to. Of queues it gets nothing more: others can have that.
 */
export async function drain(session: Session, code: number, reason: string): Promise<void> {
  if (!session.beginToLeave()) return;
  session.unsubscribe('queue');
  await finish(session);
  session.end(code, reason);
}

async function finish({ requests, upstream, limits }: Session): Promise<void> {
  await requests.settled(limits.closeTimeoutMs);
  await upstream?.leave(limits.closeTimeoutMs);
}
