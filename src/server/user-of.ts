import { isUserName } from './http-sessions/credentials.js';
import type { Session } from './session.js';

/**
 * The user of a STOMP session, decided here and nowhere else. Who logged in over HTTP stays that user, whatever
 * CONNECT says; otherwise it is the `login` of CONNECT, which was checked before where a credential is
 * set; and a session without either is a user of its own, known by the session's id.
 */
export function userOf(session: Session, login: string | undefined): string {
  if (session.transport.user !== undefined) return session.transport.user;
  return login !== undefined && isUserName(login) ? login : session.id;
}
