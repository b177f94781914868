import type { Frame } from '../../stomp/frame.js';
import type { QueueSubscription } from '../queue-subscription.js';
import type { Session } from '../session.js';
import type { Subscription } from '../subscription.js';
import { transactionOf } from './request.js';

/** The delivery that the frame names, or undefined when there is none that waits [A08]. */
function find(session: Session, { headers }: Frame): { in: Subscription | QueueSubscription; id: string } | undefined {
  const id = headers.get(session.version === '1.2' ? 'id' : 'message-id'); // [A01–A03]
  if (id === undefined) return undefined;
  const subscriptionId = headers.get('subscription');
  if (session.version === '1.1' || (session.version === '1.0' && subscriptionId !== undefined)) {
    const named = session.subscriptions?.get(subscriptionId ?? '');
    return named?.awaits(id) ? { in: named, id } : undefined;
  }
  for (const subscription of session.subscriptions?.values() ?? []) {
    if (subscription.awaits(id)) return { in: subscription, id };
  }
  return undefined;
}

function acknowledge(session: Session, frame: Frame, how: 'ack' | 'nack'): void {
  const receiptId = frame.headers.get('receipt');
  const transaction = transactionOf(session, frame);
  if (transaction === 'refused') return;
  const delivery = find(session, frame);
  if (delivery === undefined) {
    return session.fail({ message: 'No delivery waits for this acknowledgement.', receiptId });
  }
  if (transaction === 'none') {
    delivery.in.settle(delivery.id, how);
  } else {
    // Asked for now, so that a COMMIT cannot fail half-way; what is settled twice until then is settled once.
    transaction.actions.push(async () => {
      delivery.in.settle(delivery.id, how);
    });
  }
  session.receipt(receiptId);
}

/** [STOMP 1.2, ACK] */
export function handleAck(session: Session, frame: Frame): void {
  acknowledge(session, frame, 'ack');
}

/**
 * [STOMP 1.2, NACK] A message of a queue goes back to it, for another consumer; on a topic nobody else
 * waits for the message, so it is dropped. 1.0 has no NACK [A07].
 */
export function handleNack(session: Session, frame: Frame): void {
  if (session.version === '1.0') {
    return session.fail({ message: 'STOMP 1.0 has no NACK.', receiptId: frame.headers.get('receipt') });
  }
  acknowledge(session, frame, 'nack');
}
