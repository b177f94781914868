import { Redis } from 'ioredis';
import { openBroker } from '../../src/broker/open-broker.js';
import type { RabbitmqServer } from '../services/rabbitmq-server.js';
import { startRedis } from '../services/redis-server.js';
import { FaultStage, type Kept } from './fault-stage.js';
import { PieceProcess, processSecret } from './piece-process.js';

/** Whoever waits for a server that is away must outlast its start on a busy machine, and the longest pause before a try. */
export const maxWaitMs = 120_000;

/** On an embedded broker of its own. */
export async function embeddedStage(): Promise<FaultStage> {
  let broker = await PieceProcess.broker();
  const { port } = broker;
  return FaultStage.open({
    port,
    server: {
      pause: () => broker.pause(),
      kill: async () => void (await broker.end('SIGKILL')),
      start: async () => {
        broker = await PieceProcess.broker(port);
      },
    },
    open: (at, events) =>
      openBroker({ address: `embedded://127.0.0.1:${at}`, secret: processSecret, maxWaitMs }, events),
    owns: { [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose]() },
  });
}

/** With streams, on a Redis of its own. */
export async function redisStage(): Promise<FaultStage> {
  const redis = await startRedis();
  return FaultStage.open({
    port: redis.port,
    server: {
      pause: () => redis.pause(),
      kill: () => redis.kill(),
      start: (kept: Kept) => redis.restart({ empty: kept === 'nothing' }),
    },
    open: (at, events) => openBroker({ address: `redis://127.0.0.1:${at}`, secret: undefined, maxWaitMs }, events),
    // One publishes, one subscribes.
    connections: 2,
    owns: redis,
  });
}

/** What somebody does to Redis behind the nodes' backs. */
export async function inRedis<T>({ port }: FaultStage, act: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(port, '127.0.0.1');
  try {
    return await act(client);
  } finally {
    client.disconnect();
  }
}

/** Over AMQP, on a RabbitMQ that outlives it. */
export function amqpStage(rabbitmq: RabbitmqServer): Promise<FaultStage> {
  const login = `${rabbitmq.login}:${rabbitmq.passcode}`;
  return FaultStage.open({
    port: rabbitmq.amqpPort,
    server: rabbitmq,
    open: (at, events) =>
      openBroker({ address: `amqp://${login}@127.0.0.1:${at}`, secret: undefined, maxWaitMs }, events),
  });
}

/** Over one STOMP connection for each node, on a RabbitMQ that outlives it. */
export function stompStage(rabbitmq: RabbitmqServer): Promise<FaultStage> {
  const login = `${rabbitmq.login}:${rabbitmq.passcode}`;
  return FaultStage.open({
    port: rabbitmq.stompPort,
    server: rabbitmq,
    open: (at, events) =>
      openBroker(
        { address: `stomp://${login}@127.0.0.1:${at}?connections=shared`, secret: undefined, maxWaitMs },
        events,
      ),
  });
}
