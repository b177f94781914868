import type { BrokerMessage } from './broker.js';

/** The objects around a message and its headers, and the text and the chunk that it is cut from (measured with small ones). */
const overheadBytes = 1_024;

/** About how many bytes of memory a message takes that is kept as it came: headers can be as long as bodies. */
export function messageBytes(message: Omit<BrokerMessage, 'position'>): number {
  let bytes = overheadBytes + message.body.length;
  for (const [name, value] of message.headers) bytes += name.length + value.length;
  return bytes;
}
