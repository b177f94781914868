import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { waitUntil } from '../../src/core/clock.js';
import type { BackendOptions } from '../../src/proxy/backend.js';
import { openBalancer } from '../../src/proxy/balancer.js';
import {
  bodyOf,
  closedPort,
  connectClient,
  exchange,
  openHttpOrigin,
  openTcpOrigin,
  openTestBalancer,
  readAll,
  readSome,
  upgradeRequest,
} from './origin.js';

async function openOrigins(count: number) {
  return Promise.all(Array.from({ length: count }, (_, i) => openHttpOrigin(`node-${i + 1}`)));
}

async function namesOf(port: number, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < count; i++) names.push(bodyOf(await exchange(port)));
  return names;
}

/** A client whose upgrade was answered; the bytes that follow are its own. */
async function upgradedClient(port: number): Promise<Socket> {
  const client = await connectClient(port);
  client.write(upgradeRequest);
  expect(await readSome(client)).toContain('101 Switching Protocols');
  return client;
}

test('round-robin spreads connections over all backends in turn', async () => {
  const { balancer } = await openTestBalancer(await openOrigins(3));
  expect(await namesOf(balancer.port, 6)).toEqual(['node-1', 'node-2', 'node-3', 'node-1', 'node-2', 'node-3']);
});

test('least-connections fills the emptiest backend, and counts connections that are still being made', async () => {
  const { balancer } = await openTestBalancer(await openOrigins(3), 'least-connections');
  await Promise.all(Array.from({ length: 9 }, () => upgradedClient(balancer.port)));
  expect(balancer.status().backends.map((b) => b.connections)).toEqual([3, 3, 3]);
});

test('ip-hash sends an address to one backend only', async () => {
  const { balancer } = await openTestBalancer(await openOrigins(3), 'ip-hash');
  expect(new Set(await namesOf(balancer.port, 6)).size).toBe(1);
});

test('any bytes pass unchanged: the balancer does not need HTTP', async () => {
  const echo = await openTcpOrigin('echo', (socket) => socket.pipe(socket));
  const { balancer } = await openTestBalancer([echo]);
  const client = await connectClient(balancer.port);
  const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  client.end(every);
  expect((await readAll(client)).bytes.equals(every)).toBe(true);
});

test('WebSocket messages pass in both directions', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  onTestFinished(() => server.close());
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { balancer } = await openTestBalancer([{ name: 'node-1', host: '127.0.0.1', port }]);
  const client = new WebSocket(`ws://127.0.0.1:${balancer.port}/ws`, { perMessageDeflate: false });
  onTestFinished(() => client.terminate());
  await once(client, 'open');
  client.send('hello');
  const [answer] = await once(client, 'message');
  expect(String(answer)).toBe('echo hello');
});

test('a backend that refuses costs the client nothing: the next one answers, and it is marked down at once', async () => {
  const alive = await openHttpOrigin('node-2');
  const dead = { name: 'node-1', host: '127.0.0.1', port: await closedPort() };
  const { balancer, events } = await openTestBalancer([dead, alive]);
  expect(await namesOf(balancer.port, 4)).toEqual(['node-2', 'node-2', 'node-2', 'node-2']);
  expect(balancer.status().backends.map((b) => b.healthy)).toEqual([false, true]);
  expect(balancer.status().refused).toBe(0);
  expect(events).toContainEqual({ type: 'backend-down', name: 'node-1', reason: 'ECONNREFUSED' });
});

test.runIf(process.platform === 'linux')(
  'a backend that does not take connections is given up for the next',
  async () => {
    const hung = await openHungBackend('node-1');
    const alive = await openHttpOrigin('node-2');
    const { balancer, events } = await openTestBalancer([hung, alive]);
    expect(await namesOf(balancer.port, 1)).toEqual(['node-2']);
    expect(events).toContainEqual({ type: 'connect-failed', name: 'node-1', reason: 'no answer within 1000 ms' });
  },
);

test('when no backend is healthy all are tried, so that one which is back already is found', async () => {
  const origin = await openHttpOrigin('node-1');
  origin.state.status = 503;
  const { balancer } = await openTestBalancer([origin], 'round-robin', { healthEveryMs: 5 });
  expect(await waitUntil(() => balancer.status().backends[0]?.healthy === false, { timeoutMs: 30_000 })).toBe(true);
  expect(await namesOf(balancer.port, 1)).toEqual(['node-1']);
});

test('without any backend the client gets a 503 with Retry-After, even while it is sending', async () => {
  const { balancer, events } = await openTestBalancer([
    { name: 'node-1', host: '127.0.0.1', port: await closedPort() },
    { name: 'node-2', host: '127.0.0.1', port: await closedPort() },
  ]);
  const response = await exchange(balancer.port, '', 'x'.repeat(100_000));
  expect(response).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\nRetry-After: 1\r\n/);
  expect(balancer.status()).toMatchObject({ accepted: 1, refused: 1 });
  expect(events).toContainEqual({ type: 'connection-refused', reason: 'no-backend' });
  expect(await waitUntil(() => balancer.status().connections === 0, { timeoutMs: 30_000 })).toBe(true);
});

test('beyond maxConnections clients get a 503, and there is room again when one leaves', async () => {
  const { balancer } = await openTestBalancer(await openOrigins(1), 'round-robin', { maxConnections: 2 });
  const first = await upgradedClient(balancer.port);
  await upgradedClient(balancer.port);
  expect(await exchange(balancer.port)).toContain('no room for another connection');
  first.resetAndDestroy();
  expect(await waitUntil(() => balancer.status().connections === 1, { timeoutMs: 30_000 })).toBe(true);
  expect(await namesOf(balancer.port, 1)).toEqual(['node-1']);
});

test('the death of a backend in mid-stream resets its clients and leaves the others alone', async () => {
  const [doomed, other] = await openOrigins(2);
  if (doomed === undefined || other === undefined) throw new Error('two origins');
  const { balancer } = await openTestBalancer([doomed, other]);
  const onDoomed = await upgradedClient(balancer.port);
  const onOther = await upgradedClient(balancer.port);
  const seen = readAll(onDoomed);
  await doomed.close();
  expect((await seen).ending).toBe('ECONNRESET');
  other.upgraded[0]?.write('still here');
  expect(await readSome(onOther)).toBe('still here');
  expect(await waitUntil(() => balancer.status().backends[0]?.connections === 0, { timeoutMs: 30_000 })).toBe(true);
});

test('drain sends no new connections and keeps the old ones; undrain takes it back', async () => {
  const origins = await openOrigins(2);
  const { balancer } = await openTestBalancer(origins);
  const client = await upgradedClient(balancer.port);
  balancer.drain('node-1');
  expect(await namesOf(balancer.port, 3)).toEqual(['node-2', 'node-2', 'node-2']);
  origins[0]?.upgraded[0]?.write('kept');
  expect(await readSome(client)).toBe('kept');
  balancer.drain('node-2');
  expect(await exchange(balancer.port)).toContain('503 Service Unavailable');
  balancer.undrain('node-1');
  expect(await namesOf(balancer.port, 1)).toEqual(['node-1']);
  expect(() => balancer.drain('node-9')).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('setBackend moves a restarted backend to its new port, and checks it at once', async () => {
  const old = await openHttpOrigin('node-1');
  const { balancer, events } = await openTestBalancer([old], 'round-robin', { healthEveryMs: 3_600_000 });
  expect(await namesOf(balancer.port, 1)).toEqual(['node-1']);
  await old.close();
  expect(await exchange(balancer.port)).toContain('503');
  expect(balancer.status().backends[0]?.healthy).toBe(false);
  const restarted = await openHttpOrigin('restarted');
  balancer.setBackend('node-1', restarted);
  expect(await waitUntil(() => balancer.status().backends[0]?.healthy === true, { timeoutMs: 30_000 })).toBe(true);
  expect(events.at(-1)).toEqual({ type: 'backend-up', name: 'node-1' });
  expect(await namesOf(balancer.port, 1)).toEqual(['restarted']);
});

test('a port that is taken is an error which names it and the cure', async () => {
  const origin = await openTcpOrigin('other');
  const opening = openBalancer({ port: origin.port, backends: [], policy: 'round-robin' });
  await expect(opening).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining(String(origin.port)),
    hint: expect.stringContaining('--port'),
  });
});

test.each(['a b', '', 'x\r\nSet-Cookie: y'])('the backend name %j is refused', async (name) => {
  const backends = [{ name, host: '127.0.0.1', port: 1 }];
  await expect(openBalancer({ port: 0, backends, policy: 'sticky' })).rejects.toMatchObject({ code: 'usage' });
});

test('close() ends clients in every state and leaves no handle', async () => {
  const origins = await openOrigins(2);
  const handlesOf = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
  const before = handlesOf();
  const { balancer } = await openTestBalancer(origins, 'sticky', { healthEveryMs: 5 });
  const linked = await upgradedClient(balancer.port);
  const silent = await connectClient(balancer.port);
  await waitUntil(() => balancer.status().connections === 2, { timeoutMs: 30_000 });
  const ended = Promise.all([readAll(linked), readAll(silent)]);
  await balancer.close();
  await balancer.close();
  await ended;
  linked.destroy();
  silent.destroy();
  expect(balancer.status()).toMatchObject({ connections: 0 });
  expect(balancer.status().backends.map((b) => b.connections)).toEqual([0, 0]);
  for (const origin of origins) await origin.close();
  // The two origins were listening before, and are closed now.
  expect(await waitUntil(() => handlesOf() <= before - 2, { timeoutMs: 30_000 })).toBe(true);
});

/** A stopped process with a full queue of connections, so that the kernel answers no further one. */
async function openHungBackend(name: string): Promise<BackendOptions> {
  const program = `const s = require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(s.address().port))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  onTestFinished(() => {
    for (const socket of fillers) socket.destroy();
  });
  for (let i = 0; i < 8; i++) fillers.push(connect(port, '127.0.0.1').on('error', () => undefined));
  await once(fillers[0] as Socket, 'connect');
  return { name, host: '127.0.0.1', port };
}
