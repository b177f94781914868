import type { Frame } from '../../stomp/frame.js';
import type { Session } from '../session.js';
import { transactionOf } from './request.js';

/** Settles the delivery that the frame names. @returns false when there is none [A08] */
function settle(session: Session, frame: Frame): boolean {
  const { headers } = frame;
  const subscriptions = session.subscriptions ?? new Map();
  const ackId = headers.get(session.version === '1.2' ? 'id' : 'message-id'); // [A01–A03]
  if (ackId === undefined) return false;
  const subscriptionId = headers.get('subscription');
  if (session.version === '1.1' || (session.version === '1.0' && subscriptionId !== undefined)) {
    return subscriptionId !== undefined && (subscriptions.get(subscriptionId)?.settle(ackId) ?? false);
  }
  for (const subscription of subscriptions.values()) if (subscription.settle(ackId)) return true;
  return false;
}

function acknowledge(session: Session, frame: Frame): void {
  const receiptId = frame.headers.get('receipt');
  const transaction = transactionOf(session, frame);
  if (transaction === 'refused') return;
  const carryOut = (): boolean => {
    const isSettled = settle(session, frame);
    if (!isSettled) session.fail({ message: 'No delivery waits for this acknowledgement.', receiptId });
    return isSettled;
  };
  if (transaction === 'none') {
    if (carryOut()) session.receipt(receiptId);
    return;
  }
  transaction.actions.push(async () => {
    carryOut();
  });
  session.receipt(receiptId);
}

/** [STOMP 1.2, ACK] */
export function handleAck(session: Session, frame: Frame): void {
  acknowledge(session, frame);
}

/** [STOMP 1.2, NACK] On a topic nobody else waits for the message, so it is dropped; 1.0 has no NACK [A07]. */
export function handleNack(session: Session, frame: Frame): void {
  if (session.version === '1.0') {
    return session.fail({ message: 'STOMP 1.0 has no NACK.', receiptId: frame.headers.get('receipt') });
  }
  acknowledge(session, frame);
}
