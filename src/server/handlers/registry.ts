import type { Frame } from '../../stomp/frame.js';
import type { Session } from '../session.js';
import { handleAck, handleNack } from './ack.js';
import { handleConnect } from './connect.js';
import { handleDisconnect } from './disconnect.js';
import { handleSend } from './send.js';
import { handleSubscribe } from './subscribe.js';
import { handleAbort, handleBegin, handleCommit } from './transaction.js';
import { handleUnsubscribe } from './unsubscribe.js';

/** What a client may say once it is connected; one handler per command. */
const handlers = new Map<string, (session: Session, frame: Frame) => void>([
  ['SEND', handleSend],
  ['SUBSCRIBE', handleSubscribe],
  ['UNSUBSCRIBE', handleUnsubscribe],
  ['ACK', handleAck],
  ['NACK', handleNack],
  ['BEGIN', handleBegin],
  ['COMMIT', handleCommit],
  ['ABORT', handleAbort],
  ['DISCONNECT', handleDisconnect],
]);

/** Brings a frame to its handler, or says why it cannot be there now. */
export function handleFrame(session: Session, frame: Frame): void {
  const isConnect = frame.command === 'CONNECT' || frame.command === 'STOMP';
  const receiptId = isConnect ? undefined : frame.headers.get('receipt');
  if (session.state.type === 'awaiting-connect') {
    if (isConnect) return handleConnect(session, frame);
    // [C09] Nothing before CONNECT.
    return session.fail({ message: 'The first frame must be CONNECT or STOMP.', receiptId });
  }
  if (isConnect) return session.fail({ message: 'The session is already connected.' }); // [C10]
  const handler = handlers.get(frame.command);
  if (handler === undefined) return session.fail({ message: 'The command is unknown.', receiptId }); // [F15]
  if (receiptId !== undefined && session.openRequests >= session.limits.maxOpenReceipts) {
    return session.fail({ message: 'Too many receipts are owed; wait for some.', receiptId, closeCode: 1008 });
  }
  handler(session, frame);
}
