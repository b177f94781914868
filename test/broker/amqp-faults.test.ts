import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RabbitmqServer, startRabbitmq } from '../services/rabbitmq-server.js';
import { requireService } from '../services/require-service.js';
import { messageFor } from './contract.js';
import { testFaults } from './fault-contract.js';
import type { FaultStage } from './fault-stage.js';
import { amqpStage } from './server-stages.js';

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('RabbitMQ over AMQP with faults', () => {
  let rabbitmq: RabbitmqServer;
  let stage: FaultStage;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());
  beforeEach(async () => {
    stage = await amqpStage(rabbitmq);
  });
  afterEach(() => stage[Symbol.asyncDispose]());

  // Topics live in queues that go with RabbitMQ.
  testFaults({ stage: () => stage, afterRestart: ['nothing'] });

  test('a destination that is longer than a routing key may be is refused, and harms nobody', async () => {
    const { broker, topic } = stage;
    await expect(broker.publish(messageFor(`/topic/${'x'.repeat(300)}`, ''))).rejects.toThrow('255 bytes');
    await broker.publish(messageFor(topic, 'fine'));
    expect(broker.status).toBe('ready');
  });
});
