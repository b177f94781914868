import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfSignedCertificate } from '../../services/certificate.js';
import { startRedis } from '../../services/redis-server.js';
import { requireService } from '../../services/require-service.js';
import { PieceProcess } from '../piece-process.js';
import { canary, expectUnreachable, listening } from '../unreachable.js';

test('a server that repeats what it was told does not bring the passcode to light', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const said = chunk.toString().replace(/[\0\n:]/g, ' ');
      socket.end(`ERROR\nmessage:refused ${said}\n\n${said}\0`);
    });
  });
  await using parrot = await listening(server);
  await expectUnreachable(`stomp://x:${canary}@127.0.0.1:${parrot.port}`, /refused/, /./);
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
    const server = createTlsServer({ cert: readFileSync(made.certificate), key: readFileSync(made.key) }, (near) => {
      const far = connect(broker.port, '127.0.0.1');
      for (const socket of [near, far]) socket.on('error', () => socket.destroy());
      near.pipe(far).pipe(near);
    });
    await using tls = await listening(server);
    const address = `stomps://${new URL(broker.stompUrl).username}:${new URL(broker.stompUrl).password}@127.0.0.1:${tls.port}`;
    await expectUnreachable(address, /self-signed/, /NODE_EXTRA_CA_CERTS/);
    for (const mode of ['', '?connections=shared']) {
      const env = { CLUSTER_CHAT_BROKER: `${address}${mode}`, NODE_EXTRA_CA_CERTS: made.certificate };
      await using node = await PieceProcess.open(['node', '--name', 'node-1', '--port', '0'], env);
      expect((await fetch(`http://127.0.0.1:${node.http}/ready`)).status).toBe(200);
    }
  });
});

test('our own broker in the place of RabbitMQ, with a wrong passcode, or none; the node ends with 4 and says why', async () => {
  await using broker = await PieceProcess.standIn();
  const wrong = `stomp://guest:${canary}@127.0.0.1:${broker.port}`;
  await expectUnreachable(wrong, /Login refused/, /login:passcode@/);
  await expectUnreachable(`stomp://127.0.0.1:${broker.port}`, /Login refused/, /login:passcode@/);
  const opening = PieceProcess.open(['node', '--name', 'node-1', '--port', '0'], { CLUSTER_CHAT_BROKER: wrong });
  await expect(opening).rejects.toThrow('Login refused');
  await expect(opening).rejects.not.toThrow(canary);
});

describe.runIf(requireService('redis-server', 'redis-server'))('a Redis', () => {
  test('is no STOMP broker', async () => {
    await using redis = await startRedis();
    await expectUnreachable(`stomp://x:${canary}@127.0.0.1:${redis.port}`, /not STOMP|closed/, /Check that STOMP/);
  });
});
