import { createHash } from 'node:crypto';

/** Topics of this beginning are ours; what a client calls so is encoded like everything else that is not plain. */
const prefix = '/topic/cluster-chat.';
const plain = /^\/topic\/[A-Za-z0-9._-]+$/;
/** AMQP's routing keys are no longer [AMQP 0-9-1, 4.2.5.3], less what brokers put around them. */
const maxBytes = 200;

/**
 * The topic that carries a destination on a broker that somebody else runs. RabbitMQ knows topics of one
 * segment only: those stay as they are, so that other programs share them. All others become one
 * segment, different for different destinations.
 */
export function brokerTopic(destination: string): string {
  if (plain.test(destination) && !destination.startsWith(prefix) && destination.length <= maxBytes) return destination;
  const segment = destination.replace(/[^A-Za-z0-9.-]/g, (character) => `_${octetsOf(character)}`);
  const name = `${prefix}${segment}`;
  return name.length <= maxBytes ? name : `${prefix}_${createHash('sha256').update(destination).digest('hex')}`;
}

function octetsOf(character: string): string {
  return Buffer.from(character).toString('hex');
}
