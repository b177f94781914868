import type { Frame } from '../../stomp/frame.js';
import type { QueueSubscription } from '../queue-subscription.js';
import type { Session } from '../session.js';
import type { Subscription } from '../subscription.js';

/** By id; 1.0 also knows the destination alone [S08]. */
function find(session: Session, frame: Frame): Subscription | QueueSubscription | undefined {
  const id = frame.headers.get('id');
  if (id !== undefined) return session.subscriptions?.get(id);
  const destination = frame.headers.get('destination');
  if (session.version !== '1.0' || destination === undefined) return undefined;
  for (const subscription of session.subscriptions?.values() ?? []) {
    if (subscription.shownDestination === destination) return subscription;
  }
  return undefined;
}

/** [STOMP 1.2, UNSUBSCRIBE] After its RECEIPT no MESSAGE of the subscription follows [S09]. */
export function handleUnsubscribe(session: Session, frame: Frame): void {
  const receiptId = frame.headers.get('receipt');
  const subscription = find(session, frame);
  if (subscription === undefined) {
    // A node may have ended a consumer before it read that it was refused.
    if (session.context.trustsMessageIds) return session.receipt(receiptId);
    return session.fail({ message: 'There is no such subscription.', receiptId });
  }
  session.subscriptions?.delete(subscription.id ?? subscription.shownDestination);
  subscription.end();
  session.context.router.leave(subscription);
  session.receipt(receiptId);
}
