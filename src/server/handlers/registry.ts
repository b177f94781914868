import type { Frame } from '../../stomp/frame.js';
import { isExpressible } from '../expressible.js';
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
  if (receiptId !== undefined && !mayOweReceipt(session, frame.command, receiptId)) return;
  handler(session, frame);
}

/** Whether a connected client may say this. */
export function isClientCommand(command: string): boolean {
  return handlers.has(command);
}

/** Whether the session can promise one receipt more; otherwise it was told why not. */
export function mayOweReceipt(session: Session, command: string, receiptId: string): boolean {
  if (!isExpressible(receiptId, session.version)) {
    session.fail({ message: `The receipt cannot be expressed in STOMP ${session.version}.` });
    return false;
  }
  // Who leaves asks for nothing more; it must be let out however much is still open.
  if (command !== 'DISCONNECT' && session.requests.receiptsOwed >= session.limits.maxOpenReceipts) {
    session.fail({ message: 'Too many receipts are owed; wait for some.', receiptId, closeCode: 1008 });
    return false;
  }
  return true;
}
