import { defaultHistoryLimits } from '../../src/broker/history.js';
import { MemoryBroker } from '../../src/broker/memory-broker.js';
import { openBroker } from '../../src/broker/open-broker.js';
import { forSuite } from '../services/lifetime.js';
import { testBrokerContract } from './contract.js';
import { PieceProcess, processSecret } from './piece-process.js';
import { testQueueContract } from './queue-contract.js';

const brokerProcess = forSuite(PieceProcess.broker);

testBrokerContract({
  title: 'the broker in memory without history',
  guarantees: { delivery: 'at-least-once', order: 'per-publisher', history: 'none', reach: 'node', queues: 'bounded' },
  open: async (events) => new MemoryBroker('simple', events, { history: undefined }),
});

testBrokerContract({
  title: 'the broker in memory with history',
  guarantees: {
    delivery: 'at-least-once',
    order: 'per-publisher',
    history: 'bounded',
    reach: 'node',
    queues: 'bounded',
  },
  open: async (events) => new MemoryBroker('memory', events, { history: defaultHistoryLimits }),
});

testBrokerContract({
  title: 'the embedded broker in a process of its own',
  guarantees: {
    delivery: 'at-least-once',
    order: 'per-publisher',
    history: 'bounded',
    reach: 'cluster',
    queues: 'bounded',
  },
  open: (events) =>
    openBroker({ address: `embedded://127.0.0.1:${brokerProcess().port}`, secret: processSecret }, events),
});

testQueueContract({
  title: 'the broker in memory',
  open: async (events) => new MemoryBroker('simple', events, { history: undefined }),
});

testQueueContract({
  title: 'the embedded broker in a process of its own',
  open: (events) =>
    openBroker({ address: `embedded://127.0.0.1:${brokerProcess().port}`, secret: processSecret }, events),
});
