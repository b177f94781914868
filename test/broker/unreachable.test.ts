import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBroker } from '../../src/broker/open-broker.js';
import { findFreePort } from '../../src/cluster/port.js';
import { AppError } from '../../src/core/errors.js';
import { selfSignedCertificate } from '../services/certificate.js';
import { type RabbitmqServer, startRabbitmq } from '../services/rabbitmq-server.js';
import { type RedisServer, startRedis } from '../services/redis-server.js';
import { requireService } from '../services/require-service.js';
import { EventLog } from './contract.js';
import { PieceProcess } from './piece-process.js';

const canary = 'canary-7f3a';

/** The error of an address that cannot be used; fails when it can, or when the password shows anywhere. */
async function refusal(address: string): Promise<AppError> {
  const opened = await openBroker({ address, secret: undefined }, new EventLog()).catch((error: unknown) => error);
  if (!(opened instanceof AppError)) throw new Error(`no AppError but ${inspect(opened)}`);
  expect(inspect(opened, { depth: 20, showHidden: true })).not.toContain(canary);
  return opened;
}

async function expectUnreachable(address: string, message: RegExp, hint: RegExp): Promise<void> {
  const error = await refusal(address);
  expect(error).toMatchObject({ code: 'broker-unreachable', exitCode: 4 });
  expect(error.message).toMatch(message);
  expect(error.message).toContain(new URL(address).host);
  expect(error.hint).toMatch(hint);
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('an address that makes no sense is told before anything is tried', () => {
  test.each([
    ['redis://127.0.0.1/zero', 'number of a database'],
    ['redis://127.0.0.1?mode=queue', 'mode must be streams or pubsub'],
    ['amqp://127.0.0.1?heartbeat=1', 'heartbeat'],
    ['amqp://127.0.0.1/%zz', 'hexadecimal'],
    [`redis://user:${canary}@127.0.0.1/0?x=1`, 'not understood: x'],
    [`mqtt://user:${canary}@127.0.0.1`, 'is not a broker'],
  ])('%s', async (address, message) => {
    const error = await refusal(address);
    expect(error.code).toBe('usage');
    expect(error.message).toContain(message);
  });
});

describe('a server that is none', () => {
  test('nobody listens there', async () => {
    const port = await findFreePort('127.0.0.1');
    for (const scheme of ['redis', 'rediss', 'amqp', 'amqps']) {
      await expectUnreachable(`${scheme}://x:${canary}@127.0.0.1:${port}`, /ECONNREFUSED/, /Start it/);
    }
  });

  test('a name that does not exist', async () => {
    for (const scheme of ['redis', 'amqp']) {
      await expectUnreachable(`${scheme}://nowhere.invalid:1`, /ENOTFOUND|EAI_AGAIN/, /Start it/);
    }
  });

  test('somebody who speaks HTTP', async () => {
    const http = createHttpServer((_request, response) => response.end('hello'));
    const port = await listening(http);
    const at = `127.0.0.1:${port}`;
    await expectUnreachable(`redis://${at}`, /does not answer like a Redis/, /Check that a Redis/);
    await expectUnreachable(`amqp://${at}`, /does not answer like AMQP/, /Check that AMQP/);
    for (const scheme of ['rediss', 'amqps']) {
      await expectUnreachable(`${scheme}://${at}`, /does not speak TLS/, /Check that/);
    }
    http.close();
  });

  test('somebody who takes connections and says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}));
    const port = await listening(silent);
    const all = ['redis', 'rediss', 'amqp', 'amqps'].map((scheme) =>
      expectUnreachable(`${scheme}://127.0.0.1:${port}`, /no answer .* within 5000 ms/, /Check that/),
    );
    await Promise.all(all);
    silent.close();
  });
});

describe.runIf(requireService('redis-server', 'redis-server'))('a Redis that is the wrong one', () => {
  test('a replica, a cluster, a user who may not subscribe', async () => {
    await using replica = await startRedis({ args: ['--replicaof', '127.0.0.1', '1'] });
    await expectUnreachable(replica.url, /READONLY/, /primary/);
    await using cluster = await startRedis({ args: ['--cluster-enabled', 'yes'] });
    await expectUnreachable(cluster.url, /CLUSTERDOWN|CROSSSLOT|MOVED/, /not supported/);
    const user = ['--user', 'reader', 'on', `>${canary}`, '~*', '+@all', '-subscribe'];
    await using guarded = await startRedis({ args: user });
    await expectUnreachable(`redis://reader:${canary}@127.0.0.1:${guarded.port}`, /NOPERM/, /channels/);
  });
});

describe.runIf(requireService('redis-server', 'redis-server'))('a Redis that cannot be used', () => {
  let folder: string;
  let redis: RedisServer;
  let tlsPort: number;
  let certificate: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cluster-chat-tls-'));
    const made = selfSignedCertificate(folder);
    certificate = made.certificate;
    tlsPort = await findFreePort('127.0.0.1');
    const tls = ['--tls-port', `${tlsPort}`, '--tls-cert-file', made.certificate, '--tls-key-file', made.key];
    const args = [...tls, '--tls-auth-clients', 'no', '--requirepass', canary, '--rename-command', 'XADD', ''];
    redis = await startRedis({ args, password: canary });
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  test('a wrong password, or none', async () => {
    const at = `127.0.0.1:${redis.port}`;
    await expectUnreachable(`redis://:wrong@${at}`, /WRONGPASS/, /user:password@host/);
    await expectUnreachable(`redis://somebody:${canary}@${at}`, /WRONGPASS/, /user:password@host/);
    await expectUnreachable(`redis://${at}`, /NOAUTH/, /user:password@host/);
  });

  test('a database that it does not have', async () => {
    await expectUnreachable(`${redis.url}/99`, /DB index/, /database/);
  });

  test('no streams; without history it can be used', async () => {
    await expectUnreachable(redis.url, /unknown/i, /Redis 5 or newer.*mode=pubsub/);
    const address = `${redis.url}?mode=pubsub`;
    await using broker = await openBroker({ address, secret: undefined }, new EventLog());
    expect(broker.status).toBe('ready');
  });

  test('a certificate that nobody vouches for', async () => {
    for (const scheme of ['rediss', 'amqps']) {
      const address = `${scheme}://:${canary}@127.0.0.1:${tlsPort}`;
      await expectUnreachable(address, /self-signed/, /NODE_EXTRA_CA_CERTS/);
    }
  });

  test('that certificate is good once its authority is named, and a node runs over TLS', async () => {
    const broker = `rediss://:${canary}@127.0.0.1:${tlsPort}/0?mode=pubsub`;
    const env = { CLUSTER_CHAT_BROKER: broker, NODE_EXTRA_CA_CERTS: certificate };
    await using node = await PieceProcess.open(['node', '--name', 'node-1', '--port', '0'], env);
    expect((await fetch(`http://127.0.0.1:${node.http}/ready`)).status).toBe(200);
  });

  test('a node that cannot use it ends with 4 and says why, without the password', async () => {
    const broker = `redis://:${canary}@127.0.0.1:${redis.port}`;
    const opening = PieceProcess.open(['node', '--name', 'node-1', '--port', '0'], { CLUSTER_CHAT_BROKER: broker });
    await expect(opening).rejects.toThrow('Redis 5 or newer');
    await expect(opening).rejects.not.toThrow(canary);
  });
});

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('a RabbitMQ that cannot be used', () => {
  let rabbitmq: RabbitmqServer;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());

  test('a wrong password', async () => {
    const address = `amqp://${rabbitmq.login}:${canary}@127.0.0.1:${rabbitmq.amqpPort}`;
    await expectUnreachable(address, /ACCESS.REFUSED/, /user:password@host/);
  });

  test('a virtual host that it does not have', async () => {
    await expectUnreachable(`${rabbitmq.amqpUrl}/elsewhere`, /no such virtual host/, /amqp:..host.name/);
  });

  test('a port where it speaks something else', async () => {
    const at = `127.0.0.1:${rabbitmq.stompPort}`;
    await expectUnreachable(`amqp://${at}`, /cannot be used/, /Check that AMQP/);
    await expectUnreachable(`redis://127.0.0.1:${rabbitmq.amqpPort}`, /cannot be used/, /Check that a Redis/);
    await expectUnreachable(`redis://${at}`, /cannot be used/, /Check that a Redis/);
  });
});
