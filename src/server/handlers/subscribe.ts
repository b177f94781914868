import type { Position } from '../../broker/broker.js';
import type { Frame, FrameHeaders } from '../../stomp/frame.js';
import { addressOf } from '../address.js';
import { isExpressible } from '../expressible.js';
import type { FanOut } from '../fan-out.js';
import { QueueSubscription } from '../queue-subscription.js';
import type { Joined } from '../router.js';
import type { Session } from '../session.js';
import { type AckMode, Subscription } from '../subscription.js';
import { request } from './request.js';

function ackModeOf(session: Session, text: string | undefined): AckMode | undefined {
  if (text === undefined || text === 'auto') return 'auto';
  if (text === 'client') return 'client';
  return text === 'client-individual' && session.version !== '1.0' ? 'client-individual' : undefined;
}

/** The position that a client of ours sends along; `none` when it sends none, `bad` when it makes no sense. */
function positionOf(headers: FrameHeaders): Position | 'none' | 'bad' {
  const epoch = headers.get('epoch');
  const offset = headers.get('offset');
  if (epoch === undefined && offset === undefined) return 'none';
  if (epoch === undefined || offset === undefined || !/^\d{1,15}$/.test(offset)) return 'bad';
  return { epoch, offset: Number(offset) };
}

/** Unsettled deliveries of a consumer that says nothing about it, and at most. */
const usualPrefetch = 100;
const maxPrefetch = 1_000;

/** RabbitMQ's header `prefetch-count`; undefined when it makes no sense. */
function prefetchOf(text: string | undefined): number | undefined {
  if (text === undefined) return usualPrefetch;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= maxPrefetch ? count : undefined;
}

/** What is wrong with the frame, as a sentence, or the subscription that it asks for. */
function readSubscribe(session: Session, headers: FrameHeaders): Subscription | QueueSubscription | string {
  const destination = headers.get('destination');
  const id = headers.get('id');
  if (destination === undefined) return 'SUBSCRIBE needs a destination.'; // [S04]
  if (id === undefined && session.version !== '1.0') return 'SUBSCRIBE needs an id.'; // [S04]
  if (id !== undefined && !isExpressible(id, session.version)) {
    return `The subscription id cannot be expressed in STOMP ${session.version}.`;
  }
  const address = addressOf(session, 'SUBSCRIBE', destination);
  if (typeof address === 'string') return address;
  const ack = ackModeOf(session, headers.get('ack'));
  if (ack === undefined) return 'The header ack is none of auto, client, client-individual.'; // [S06]
  if (session.subscriptions?.has(id ?? destination)) return 'The subscription id is already in use.'; // [S05]
  if ((session.subscriptions?.size ?? 0) >= session.limits.maxSubscriptions) {
    return `The session has ${session.limits.maxSubscriptions} subscriptions already.`; // [L07]
  }
  if (address.type === 'topic') return new Subscription(session, id, address.destination, ack, destination);
  const prefetch = prefetchOf(headers.get('prefetch-count'));
  if (prefetch === undefined) return `The header prefetch-count is none of 1 to ${maxPrefetch}.`;
  // More would only end the session by the limit of what may wait for an acknowledgement.
  return new QueueSubscription(session, id, destination, ack, Math.min(prefetch, session.limits.maxUnacknowledged));
}

/**
 * Delivers what a subscriber missed, waiting whenever the outbox is half full, so that a long replay
 * does not make a slow consumer of a client that reads. It ends with the subscription.
 */
async function replay(subscription: Subscription, messages: readonly FanOut[]): Promise<void> {
  const { session } = subscription;
  for (const message of messages) {
    while (!session.hasRoom() && !subscription.isEnded) {
      await new Promise<void>((resolve) => session.whenRoom(resolve));
    }
    if (subscription.isEnded) return;
    subscription.deliver(message);
  }
}

async function answer(session: Session, subscription: Subscription, frame: Frame, joined: Joined) {
  const { router } = session.context;
  const asksForRecovery = joined.recovered !== undefined || frame.headers.get('recover') === 'true';
  // Of a gap before this moment the RECEIPT tells, of one after it an ERROR.
  subscription.recovers = asksForRecovery && joined.position !== undefined;
  // Replayed messages come before the RECEIPT: with it the client knows that it has everything.
  await replay(
    subscription,
    joined.replayed.map((message) => router.fanOut(message)),
  );
  // Whoever left meanwhile must ask from the same position again: not everything was sent.
  if (subscription.isEnded) return session.receipt(frame.headers.get('receipt'));
  const more: Record<string, string> = {};
  if (joined.recovered !== undefined) more['recovered'] = String(joined.recovered);
  if (joined.position !== undefined) {
    more['epoch'] = joined.position.epoch;
    more['offset'] = String(joined.position.offset);
  }
  session.receipt(frame.headers.get('receipt'), more);
  subscription.goLive(joined.position);
}

/**
 * [STOMP 1.2, SUBSCRIBE] The RECEIPT means that the interest is in force on the broker. With the headers
 * `epoch` and `offset` of the last message that the client saw, everything after it is sent first and
 * the RECEIPT says `recovered:true`; when that is not possible nothing is, and it says `recovered:false`.
 * Whoever sends them, or `recover:true` the first time, is told of messages that are lost later as well.
 */
export function handleSubscribe(session: Session, frame: Frame): void {
  const receiptId = frame.headers.get('receipt');
  const subscription = readSubscribe(session, frame.headers);
  if (typeof subscription === 'string') return session.fail({ message: subscription, receiptId }); // [S07]
  const since = positionOf(frame.headers);
  if (since === 'bad') return session.fail({ message: 'The headers epoch and offset make no position.', receiptId });
  if (since !== 'none' && subscription.type === 'queue') {
    return session.fail({ message: 'A queue has no positions.', receiptId });
  }
  const key = subscription.id ?? subscription.shownDestination;
  session.subscriptions ??= new Map();
  session.subscriptions.set(key, subscription);
  const { router } = session.context;
  if (subscription.type === 'queue') return consume(session, key, subscription, receiptId);
  request(session, receiptId, router.join(subscription, since === 'none' ? undefined : since), (joined) =>
    answer(session, subscription, frame, joined),
  );
}

function consume(session: Session, key: string, subscription: QueueSubscription, receiptId: string | undefined): void {
  const joining = session.context.router.joinQueue(subscription).catch((error: unknown) => {
    session.subscriptions?.delete(key);
    session.context.router.leave(subscription);
    throw error;
  });
  request(session, receiptId, joining, () => {
    session.receipt(receiptId);
    subscription.goLive();
  });
}
