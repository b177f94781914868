/** A topic exchange: routing keys are the destinations of topics. */
export const topicExchange = 'cluster-chat';
/** A direct exchange: routing keys are the names of queues. Unlike in the topic exchange none is a pattern. */
export const directExchange = 'cluster-chat.direct';

/** AMQP's bound for names and routing keys [AMQP 0-9-1, 1.1 shortstr]. */
export const maxNameBytes = 255;

/** The RabbitMQ queue of a destination `/queue/…`; can be too long, which the caller checks. */
export function queueName(destination: string): string {
  return `${topicExchange}.${destination}`;
}

/** The number with which RabbitMQ refused a request, or undefined when the request was lost with the connection. */
export function replyCodeOf(error: unknown): number | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}
