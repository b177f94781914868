import { connect } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startRabbitmq } from './rabbitmq-server.js';
import { startRedis } from './redis-server.js';
import { requireService } from './require-service.js';
import { isListening } from './service-process.js';

/** Says something to a port and resolves with the first answer. */
function ask(port: number, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(words));
    socket.once('error', reject);
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(chunk.toString('latin1'));
    });
  });
}

describe.runIf(requireService('redis-server', 'redis-server'))('the Redis of the tests', () => {
  test('answers, forgets or keeps its data over a restart, and leaves its port', async () => {
    const redis = await startRedis();
    try {
      expect(await ask(redis.port, 'SET a 1\r\n')).toBe('+OK\r\n');
      await redis.restart({ empty: false });
      expect(await ask(redis.port, 'GET a\r\n')).toBe('$1\r\n1\r\n');
      await redis.restart({ empty: true });
      expect(await ask(redis.port, 'GET a\r\n')).toBe('$-1\r\n');
    } finally {
      await redis[Symbol.asyncDispose]();
    }
    expect(await isListening(redis.port)).toBe(false);
  });
});

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('the RabbitMQ of the tests', () => {
  test('speaks AMQP and STOMP, starts again after a kill, and leaves its ports', async () => {
    const rabbitmq = await startRabbitmq();
    const connectFrame = `CONNECT\naccept-version:1.2\nhost:/\nlogin:${rabbitmq.login}\npasscode:${rabbitmq.passcode}\n\n\0`;
    try {
      expect(await ask(rabbitmq.stompPort, connectFrame)).toContain('CONNECTED');
      await rabbitmq.restart();
      expect(await ask(rabbitmq.stompPort, connectFrame)).toContain('CONNECTED');
      expect(await ask(rabbitmq.amqpPort, 'AMQP\0\0\x09\x01')).toContain('RabbitMQ');
      expect(await isListening(rabbitmq.webStompPort)).toBe(true);
    } finally {
      await rabbitmq[Symbol.asyncDispose]();
    }
    expect(await isListening(rabbitmq.amqpPort)).toBe(false);
    expect(await isListening(rabbitmq.stompPort)).toBe(false);
  });
});

describe('a program that is missing', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('is said with its cure, and is a failure where services are required', () => {
    vi.stubEnv('CLUSTER_CHAT_REQUIRE_SERVICES', '');
    expect(requireService('no-such-server', 'no-such-package')).toBeUndefined();
    vi.stubEnv('CLUSTER_CHAT_REQUIRE_SERVICES', '1');
    expect(() => requireService('no-such-server', 'no-such-package')).toThrow('apt-get install no-such-package');
  });
});
