import { afterAll, beforeAll, describe } from 'vitest';
import { type ActivemqServer, startActivemq } from '../../services/activemq-server.js';
import { requireService } from '../../services/require-service.js';
import { testRelay } from './suite.js';

describe.runIf(requireService('activemq', 'activemq'))('ActiveMQ', () => {
  let activemq: ActivemqServer;
  beforeAll(async () => {
    activemq = await startActivemq();
  });
  afterAll(() => activemq[Symbol.asyncDispose]());

  testRelay('sessions with a connection each', () => activemq.stompUrl, /^ActiveMQ\//, '/queue/ActiveMQ.DLQ');
});
