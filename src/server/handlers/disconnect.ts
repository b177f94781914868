import type { Frame } from '../../stomp/frame.js';
import { disconnect } from '../farewell.js';
import type { Session } from '../session.js';

/** [STOMP 1.2, DISCONNECT] What was accepted before is finished first; the RECEIPT leaves before the close [R03, R05]. */
export function handleDisconnect(session: Session, frame: Frame): void {
  const receiptId = frame.headers.get('receipt');
  void disconnect(session, () => session.receipt(receiptId));
}
