import type { BrokerMessage } from './broker.js';

/** Bytes that stand for the objects around a message and its headers. */
const overheadBytes = 64;

/** About how many bytes of memory a kept message takes: headers can be as long as bodies. */
export function messageBytes(message: Omit<BrokerMessage, 'position'>): number {
  let bytes = overheadBytes + message.body.length;
  for (const [name, value] of message.headers) bytes += name.length + value.length;
  return bytes;
}
