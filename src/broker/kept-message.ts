import type { BrokerMessage } from './broker.js';

/** One that outlasts the chunk of the socket that it came in. */
export function kept(message: BrokerMessage): BrokerMessage {
  return { ...message, body: Buffer.from(message.body) };
}
