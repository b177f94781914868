import { describe } from 'vitest';
import type { Guarantees } from '../../../src/broker/broker.js';
import { openBroker } from '../../../src/broker/open-broker.js';
import { startActivemq } from '../../services/activemq-server.js';
import { forSuite } from '../../services/lifetime.js';
import { startRabbitmq } from '../../services/rabbitmq-server.js';
import { requireService } from '../../services/require-service.js';
import { testBrokerContract } from '../contract.js';
import { PieceProcess } from '../piece-process.js';

const guarantees: Guarantees = {
  delivery: 'at-least-once',
  order: 'per-publisher',
  history: 'none',
  reach: 'cluster',
};

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ', () => {
  const rabbitmq = forSuite(startRabbitmq);

  testBrokerContract({
    title: 'over one STOMP connection for a node',
    guarantees,
    open: (events) => openBroker({ address: `${rabbitmq().stompUrl}?connections=shared`, secret: undefined }, events),
  });
});

describe.runIf(requireService('activemq', 'activemq'))('ActiveMQ', () => {
  const activemq = forSuite(startActivemq);

  testBrokerContract({
    title: 'over one STOMP connection for a node, to ActiveMQ',
    guarantees,
    open: (events) => openBroker({ address: `${activemq().stompUrl}?connections=shared`, secret: undefined }, events),
  });
});

describe('our own broker in the place of RabbitMQ', () => {
  const broker = forSuite(PieceProcess.standIn);

  testBrokerContract({
    title: 'over one STOMP connection for a node, to our own broker',
    guarantees,
    open: (events) => openBroker({ address: `${broker().stompUrl}?connections=shared`, secret: undefined }, events),
  });
});
