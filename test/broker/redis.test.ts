import { describe } from 'vitest';
import { openBroker } from '../../src/broker/open-broker.js';
import { forSuite } from '../services/lifetime.js';
import { startRedis } from '../services/redis-server.js';
import { requireService } from '../services/require-service.js';
import { testBrokerContract } from './contract.js';
import { testQueueContract } from './queue-contract.js';

describe.runIf(requireService('redis-server', 'redis-server'))('Redis', () => {
  const redis = forSuite(startRedis);

  for (const protocol of [2, 3]) {
    testBrokerContract({
      title: `with streams, over RESP${protocol}`,
      guarantees: {
        delivery: 'at-least-once',
        order: 'per-publisher',
        history: 'bounded',
        reach: 'cluster',
        queues: 'bounded',
      },
      open: (events) => openBroker({ address: `${redis().url}?protocol=${protocol}`, secret: undefined }, events),
    });

    testQueueContract({
      title: `Redis with streams, over RESP${protocol}`,
      open: (events) => openBroker({ address: `${redis().url}?protocol=${protocol}`, secret: undefined }, events),
    });
  }

  testBrokerContract({
    title: 'with plain publish and subscribe',
    guarantees: {
      delivery: 'at-most-once',
      order: 'per-publisher',
      history: 'none',
      reach: 'cluster',
      queues: 'none',
    },
    open: (events) => openBroker({ address: `${redis().url}?mode=pubsub`, secret: undefined }, events),
  });
});
