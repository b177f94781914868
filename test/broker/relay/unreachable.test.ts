import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBroker } from '../../../src/broker/open-broker.js';
import { findFreePort } from '../../../src/cluster/port.js';
import { AppError } from '../../../src/core/errors.js';
import { selfSignedCertificate } from '../../services/certificate.js';
import { type RabbitmqServer, startRabbitmq } from '../../services/rabbitmq-server.js';
import { type RedisServer, startRedis } from '../../services/redis-server.js';
import { requireService } from '../../services/require-service.js';
import { EventLog } from '../contract.js';
import { PieceProcess } from '../piece-process.js';

const canary = 'canary-7f3a';

/** The error of an address that cannot be used; fails when it can, or when the passcode shows anywhere. */
async function refusal(address: string): Promise<AppError> {
  const opened = await openBroker({ address, secret: undefined }, new EventLog()).catch((error: unknown) => error);
  if (!(opened instanceof AppError)) throw new Error(`no AppError but ${inspect(opened)}`);
  expect(inspect(opened, { depth: 20, showHidden: true })).not.toContain(canary);
  return opened;
}

/** In both modes: the connection of the node is opened first in either. */
async function expectUnreachable(address: string, message: RegExp, hint: RegExp): Promise<void> {
  for (const mode of ['', '?connections=shared']) {
    const error = await refusal(`${address}${mode}`);
    expect(error).toMatchObject({ code: 'broker-unreachable', exitCode: 4 });
    expect(error.message).toMatch(message);
    expect(error.message).toContain(new URL(address).host);
    expect(error.hint).toMatch(hint);
  }
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

test.each([
  [`stomp://x:${canary}@127.0.0.1?connections=many`, 'connections must be shared or per-session'],
  [`stomp://x:${canary}@127.0.0.1?host=a`, 'not understood: host'],
  [`stomp://x:${canary}@127.0.0.1/%zz`, 'hexadecimal'],
])('an address that makes no sense is told before anything is tried: %s', async (address, message) => {
  const error = await refusal(address);
  expect(error.code).toBe('usage');
  expect(error.message).toContain(message);
});

describe('a server that is no STOMP broker', () => {
  test('nobody listens there, as on a RabbitMQ without the plugin', async () => {
    const port = await findFreePort('127.0.0.1');
    const url = `x:${canary}@127.0.0.1:${port}`;
    for (const scheme of ['stomp', 'stomps']) {
      await expectUnreachable(`${scheme}://${url}`, /ECONNREFUSED/, /rabbitmq-plugins enable rabbitmq_stomp/);
    }
  });

  test('a name that does not exist', async () => {
    await expectUnreachable(`stomp://x:${canary}@nowhere.invalid:1`, /ENOTFOUND|EAI_AGAIN/, /host/);
  });

  test('somebody who speaks HTTP', async () => {
    const http = createHttpServer((_request, response) => response.end('hello'));
    const port = await listening(http);
    await expectUnreachable(`stomp://x:${canary}@127.0.0.1:${port}`, /not STOMP/, /Check that STOMP/);
    await expectUnreachable(`stomps://x:${canary}@127.0.0.1:${port}`, /cannot be used/, /TLS/);
    http.close();
  });

  test('somebody who takes connections and says nothing', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}));
    const port = await listening(silent);
    await expectUnreachable(`stomp://x:${canary}@127.0.0.1:${port}`, /no answer .* within 5000 ms/, /Check that STOMP/);
    silent.close();
  }, 20_000);

  test('somebody who repeats what he was told', async () => {
    const parrot = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        const said = chunk.toString().replace(/[\0\n:]/g, ' ');
        socket.end(`ERROR\nmessage:refused ${said}\n\n${said}\0`);
      });
    });
    const port = await listening(parrot);
    await expectUnreachable(`stomp://x:${canary}@127.0.0.1:${port}`, /refused/, /./);
    parrot.close();
  });
});

describe('a certificate', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cluster-chat-tls-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('that nobody vouches for is refused; once its authority is named a node runs over TLS, in either mode', async () => {
    const made = selfSignedCertificate(folder);
    await using broker = await PieceProcess.standIn();
    const { connect } = await import('node:net');
    const tls = createTlsServer({ cert: readFileSync(made.certificate), key: readFileSync(made.key) }, (near) => {
      const far = connect(broker.port, '127.0.0.1');
      for (const socket of [near, far]) socket.on('error', () => socket.destroy());
      near.pipe(far).pipe(near);
    });
    const port = await listening(tls);
    const address = `stomps://${new URL(broker.stompUrl).username}:${new URL(broker.stompUrl).password}@127.0.0.1:${port}`;
    await expectUnreachable(address, /self-signed/, /NODE_EXTRA_CA_CERTS/);
    for (const mode of ['', '?connections=shared']) {
      const env = { CLUSTER_CHAT_BROKER: `${address}${mode}`, NODE_EXTRA_CA_CERTS: made.certificate };
      await using node = await PieceProcess.open(['node', '--name', 'node-1', '--port', '0'], env);
      expect((await fetch(`http://127.0.0.1:${node.http}/ready`)).status).toBe(200);
    }
    tls.close();
  });
});

describe('our own broker in the place of RabbitMQ', () => {
  test('a wrong passcode, or none; the node ends with 4 and says why', async () => {
    await using broker = await PieceProcess.standIn();
    const wrong = `stomp://guest:${canary}@127.0.0.1:${broker.port}`;
    await expectUnreachable(wrong, /Login refused/, /login:passcode@/);
    await expectUnreachable(`stomp://127.0.0.1:${broker.port}`, /Login refused/, /login:passcode@/);
    const opening = PieceProcess.open(['node', '--name', 'node-1', '--port', '0'], { CLUSTER_CHAT_BROKER: wrong });
    await expect(opening).rejects.toThrow('Login refused');
    await expect(opening).rejects.not.toThrow(canary);
  });
});

describe.runIf(requireService('redis-server', 'redis-server'))('a Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test('is no STOMP broker', async () => {
    await expectUnreachable(`stomp://x:${canary}@127.0.0.1:${redis.port}`, /not STOMP|closed/, /Check that STOMP/);
  });
});

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('a RabbitMQ that cannot be used', () => {
  let rabbitmq: RabbitmqServer;
  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
  });
  afterAll(() => rabbitmq[Symbol.asyncDispose]());

  test('a wrong passcode', async () => {
    const address = `stomp://${rabbitmq.login}:${canary}@127.0.0.1:${rabbitmq.stompPort}`;
    await expectUnreachable(address, /Bad CONNECT: Access refused/, /login:passcode@/);
  });

  test('a virtual host that it does not have', async () => {
    await expectUnreachable(`${rabbitmq.stompUrl}/elsewhere`, /elsewhere/, /virtual host/);
  });

  test('the virtual host that it has, by its name', async () => {
    await using broker = await openBroker({ address: `${rabbitmq.stompUrl}/%2F`, secret: undefined }, new EventLog());
    expect(broker.status).toBe('ready');
  });

  test('its port for AMQP, and that for Web-STOMP', async () => {
    for (const port of [rabbitmq.amqpPort, rabbitmq.webStompPort]) {
      await expectUnreachable(`stomp://x:${canary}@127.0.0.1:${port}`, /cannot be used/, /Check that STOMP/);
    }
  });
});
