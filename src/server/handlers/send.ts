import type { Frame } from '../../stomp/frame.js';
import { addressOf } from '../address.js';
import type { Session } from '../session.js';
import { request, transactionOf } from './request.js';

/** Headers that are STOMP's or ours; the rest of a SEND is the publisher's and passes through unchanged [S02]. */
const ownHeaders = new Set([
  'destination',
  'receipt',
  'transaction',
  'content-length',
  'message-id',
  'subscription',
  'ack',
  'epoch',
  'offset',
]);

/** On a queue this one is ours as well. */
const queueHeaders = new Set([...ownHeaders, 'redelivered']);

/** [STOMP 1.2, SEND] The RECEIPT means that the broker has the message, not that anybody received it. */
export function handleSend(session: Session, frame: Frame): void {
  const { headers } = frame;
  const { context } = session;
  const receiptId = headers.get('receipt');
  const text = headers.get('destination');
  if (text === undefined) return session.fail({ message: 'SEND needs a destination.', receiptId }); // [S01]
  const address = addressOf(session, 'SEND', text);
  if (typeof address === 'string') return session.fail({ message: address, receiptId });
  const { destination } = address;
  if (context.isOverloaded()) {
    context.counters.publishesRefused++;
    return session.fail({
      message: 'The node has too many unsent messages.',
      receiptId,
      closeCode: 1013,
      countedAs: 'nothing',
    });
  }
  const transaction = transactionOf(session, frame);
  if (transaction === 'refused') return;
  const ownId = context.trustsMessageIds ? headers.get('message-id') : undefined;
  const message = {
    destination,
    headers: headers.without(address.type === 'queue' ? queueHeaders : ownHeaders),
    body: frame.body,
  };
  const publish = async () => {
    try {
      // Named only now: brokers know repeated messages by ids that increase, and a COMMIT can come late.
      await context.router.publish({ ...message, id: ownId ?? context.nextMessageId() });
      context.counters.published++;
    } catch (error) {
      context.counters.publishesRefused++;
      throw error;
    }
  };
  if (transaction === 'none') return request(session, receiptId, publish(), () => session.receipt(receiptId));
  // The body may be a view of a chunk that is used again before the COMMIT comes.
  message.body = Buffer.from(frame.body);
  transaction.actions.push(publish);
  // Within a transaction the RECEIPT says that the frame was taken into it; the COMMIT's says that it was carried out.
  session.receipt(receiptId);
}
