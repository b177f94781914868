import { isQueue } from '../broker/broker.js';
import { destinationFault } from '../stomp/destination.js';
import type { Session } from './session.js';
import {
  isUserDestination,
  type UserDestination,
  userDestinationToSend,
  userDestinationToSubscribe,
} from './user-destination.js';

/** What a client's destination means on the broker. */
export interface Address {
  /** For a queue each message goes to one consumer, for a topic to all subscribers. */
  readonly type: 'topic' | 'queue';
  readonly destination: string;
}

/**
 * Reads the destination of a SEND or SUBSCRIBE. Behind a run secret the peer is a node that has done this
 * already: its destinations are taken as they are.
 *
 * @returns what is wrong, as a whole sentence, when the frame cannot be carried out
 */
export function addressOf(session: Session, command: 'SEND' | 'SUBSCRIBE', text: string): Address | string {
  const { context } = session;
  if (isUserDestination(text) && !context.trustsMessageIds) return userAddressOf(session, command, text);
  const fault = destinationFault(text);
  if (fault !== undefined) return `The destination ${fault}.`;
  if (!isQueue(text))
    return text === '/queue' ? 'The destination names no queue.' : { type: 'topic', destination: text };
  const { broker } = context.router;
  if (broker.guarantees.queues !== 'bounded') return `The broker ${broker.kind} keeps no queues.`;
  return { type: 'queue', destination: text };
}

function userAddressOf(session: Session, command: 'SEND' | 'SUBSCRIBE', text: string): Address | string {
  const read: UserDestination =
    command === 'SEND' ? userDestinationToSend(text) : userDestinationToSubscribe(text, session.user);
  return 'fault' in read ? `The destination ${read.fault}.` : { type: 'topic', destination: read.destination };
}
