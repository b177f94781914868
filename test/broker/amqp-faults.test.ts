import { describe, expect, test } from 'vitest';
import { forEachTest, forSuite } from '../services/lifetime.js';
import { startRabbitmq } from '../services/rabbitmq-server.js';
import { requireService } from '../services/require-service.js';
import { messageFor } from './contract.js';
import { testFaults } from './fault-contract.js';
import { amqpStage } from './server-stages.js';

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ over AMQP with faults', () => {
  const rabbitmq = forSuite(startRabbitmq);
  const stage = forEachTest(() => amqpStage(rabbitmq()));

  // Topics live in queues that go with RabbitMQ.
  testFaults({ stage, afterRestart: ['nothing'] });

  test('a destination that is longer than a routing key may be is refused, and harms nobody', async () => {
    const { broker, topic } = stage();
    await expect(broker.publish(messageFor(`/topic/${'x'.repeat(300)}`, ''))).rejects.toThrow('255 bytes');
    await broker.publish(messageFor(topic, 'fine'));
    expect(broker.status).toBe('ready');
  });
});
