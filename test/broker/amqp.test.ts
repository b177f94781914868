import { describe } from 'vitest';
import { openBroker } from '../../src/broker/open-broker.js';
import { forSuite } from '../services/lifetime.js';
import { startRabbitmq } from '../services/rabbitmq-server.js';
import { requireService } from '../services/require-service.js';
import { testBrokerContract } from './contract.js';
import { testQueueContract } from './queue-contract.js';

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ', () => {
  const rabbitmq = forSuite(startRabbitmq);

  testBrokerContract({
    title: 'over AMQP',
    guarantees: {
      delivery: 'at-least-once',
      order: 'per-publisher',
      history: 'none',
      whileAway: 'kept',
      reach: 'cluster',
      queues: 'bounded',
    },
    open: (events) => openBroker({ address: rabbitmq().amqpUrl, secret: undefined }, events),
  });

  testQueueContract({
    title: 'RabbitMQ over AMQP',
    open: (events) => openBroker({ address: rabbitmq().amqpUrl, secret: undefined }, events),
  });
});
