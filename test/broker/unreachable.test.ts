import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBroker } from '../../src/broker/open-broker.js';
import { findFreePort } from '../../src/cluster/port.js';
import { selfSignedCertificate } from '../services/certificate.js';
import { forSuite } from '../services/lifetime.js';
import { startRabbitmq } from '../services/rabbitmq-server.js';
import { type RedisServer, startRedis } from '../services/redis-server.js';
import { requireService } from '../services/require-service.js';
import { EventLog } from './contract.js';
import { PieceProcess } from './piece-process.js';
import { canary, expectUnreachable, listening, refusal } from './unreachable.js';

describe('an address that makes no sense is told before anything is tried', () => {
  test.each([
    ['redis://127.0.0.1/zero', 'number of a database'],
    ['redis://127.0.0.1?mode=queue', 'mode must be streams or pubsub'],
    ['amqp://127.0.0.1?heartbeat=1', 'heartbeat'],
    ['amqp://127.0.0.1/%zz', 'hexadecimal'],
    [`redis://user:${canary}@127.0.0.1/0?x=1`, 'not understood: x'],
    [`mqtt://user:${canary}@127.0.0.1`, 'is not a broker'],
    [`stomp://x:${canary}@127.0.0.1?connections=many`, 'connections must be shared or per-session'],
    [`stomp://x:${canary}@127.0.0.1?host=a`, 'not understood: host'],
    [`stomp://x:${canary}@127.0.0.1/%zz`, 'hexadecimal'],
  ])('%s', async (address, message) => {
    const error = await refusal(address);
    expect(error.code).toBe('usage');
    expect(error.message).toContain(message);
  });
});

interface Told {
  /** The cure where nobody listens. */
  readonly absent: RegExp;
  /** The cure where the name does not exist. */
  readonly unknown: RegExp;
  /** What somebody is called who speaks HTTP. */
  readonly http: RegExp;
  /** The cure where somebody speaks HTTP, or nothing. */
  readonly check: RegExp;
}

const start = { absent: /Start it/, unknown: /Start it/ };
const startStomp = { absent: /rabbitmq-plugins enable rabbitmq_stomp/, unknown: /host/ };
const told: Record<string, Told> = {
  redis: { ...start, http: /does not answer like a Redis/, check: /Check that a Redis/ },
  rediss: { ...start, http: /does not speak TLS/, check: /Check that/ },
  amqp: { ...start, http: /does not answer like AMQP/, check: /Check that AMQP/ },
  amqps: { ...start, http: /does not speak TLS/, check: /Check that/ },
  stomp: { ...startStomp, http: /not STOMP/, check: /Check that STOMP/ },
  stomps: { ...startStomp, http: /cannot be used/, check: /TLS/ },
};

/** Under a scheme, without a password and with one. */
async function expectNone(scheme: string, at: string, message: RegExp, hint: RegExp): Promise<void> {
  const logins = ['', `x:${canary}@`];
  await Promise.all(logins.map((login) => expectUnreachable(`${scheme}://${login}${at}`, message, hint)));
}

/** Under all schemes. */
async function expectNoneAt(at: string, message: RegExp | keyof Told, hint: keyof Told): Promise<void> {
  const expectOne = ([scheme, row]: [string, Told]) =>
    expectNone(scheme, at, message instanceof RegExp ? message : row[message], row[hint]);
  await Promise.all(Object.entries(told).map(expectOne));
}

describe('a server that is none', () => {
  test('nobody listens there', async () => {
    const port = await findFreePort('127.0.0.1');
    await expectNoneAt(`127.0.0.1:${port}`, /ECONNREFUSED/, 'absent');
  });

  test('a name that does not exist', async () => {
    await expectNoneAt('nowhere.invalid:1', /ENOTFOUND|EAI_AGAIN/, 'unknown');
  });

  test('somebody who speaks HTTP', async () => {
    await using http = await listening(createHttpServer((_request, response) => response.end('hello')));
    await expectNoneAt(`127.0.0.1:${http.port}`, 'http', 'check');
  });

  test('somebody who takes connections and says nothing', async () => {
    await using silent = await listening(createServer((socket) => socket.on('error', () => {})));
    await expectNoneAt(`127.0.0.1:${silent.port}`, /no answer .* within 5000 ms/, 'check');
  });
});

describe.runIf(requireService('redis-server', 'redis-server'))('a Redis that is the wrong one', () => {
  test('a replica, a cluster, a user who may not subscribe', async () => {
    await using replica = await startRedis({ args: ['--replicaof', '127.0.0.1', '1'] });
    await expectUnreachable(replica.url, /READONLY/, /primary/);
    // Its own choice lies where the system numbers outgoing connections.
    const clusterPort = String(await findFreePort('127.0.0.1'));
    await using cluster = await startRedis({ args: ['--cluster-enabled', 'yes', '--cluster-port', clusterPort] });
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
  const rabbitmq = forSuite(startRabbitmq);

  test('a wrong password', async () => {
    const { login, amqpPort, stompPort } = rabbitmq();
    const as = `${login}:${canary}@127.0.0.1`;
    await expectUnreachable(`amqp://${as}:${amqpPort}`, /ACCESS.REFUSED/, /user:password@host/);
    await expectUnreachable(`stomp://${as}:${stompPort}`, /Bad CONNECT: Access refused/, /login:passcode@/);
  });

  test('a virtual host that it does not have', async () => {
    const { amqpUrl, stompUrl } = rabbitmq();
    await expectUnreachable(`${amqpUrl}/elsewhere`, /no such virtual host/, /amqp:..host.name/);
    await expectUnreachable(`${stompUrl}/elsewhere`, /elsewhere/, /virtual host/);
  });

  test('the virtual host that it has, by its name', async () => {
    const address = `${rabbitmq().stompUrl}/%2F`;
    await using broker = await openBroker({ address, secret: undefined }, new EventLog());
    expect(broker.status).toBe('ready');
  });

  test('a port where it speaks something else', async () => {
    const { amqpPort, stompPort, webStompPort } = rabbitmq();
    const rows = [
      ['amqp', [stompPort], /Check that AMQP/],
      ['redis', [amqpPort, stompPort], /Check that a Redis/],
      ['stomp', [amqpPort, webStompPort], /Check that STOMP/],
    ] as const;
    for (const [scheme, ports, hint] of rows) {
      for (const port of ports) {
        await expectNone(scheme, `127.0.0.1:${port}`, /cannot be used/, hint);
      }
    }
  });
});
