import { once } from 'node:events';
import { expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { addResponseHeader } from '../../src/proxy/response-head.js';
import { stickyNameIn } from '../../src/proxy/sticky.js';
import {
  bodyOf,
  connectClient,
  exchange,
  openHttpOrigin,
  openTcpOrigin,
  openTestBalancer,
  readAll,
  readSome,
  upgradeRequest,
} from './origin.js';

const cookie = (name: string) => `Cookie: theme=dark; cluster-chat-node=${name}; x=y\r\n`;
const setCookie = (name: string) => `Set-Cookie: cluster-chat-node=${name}; Path=/; HttpOnly; SameSite=Lax\r\n`;

async function openSticky() {
  const origins = [await openHttpOrigin('node-1'), await openHttpOrigin('node-2')] as const;
  return { origins, ...(await openTestBalancer(origins, 'sticky')) };
}

test('the first response sets the cookie of the backend that was chosen', async () => {
  const { balancer } = await openSticky();
  for (const name of ['node-1', 'node-2', 'node-1']) {
    const response = await exchange(balancer.port);
    expect(response.startsWith(`HTTP/1.1 200 OK\r\n${setCookie(name)}`)).toBe(true);
    expect(bodyOf(response)).toBe(name);
  }
});

test('a client with a cookie returns to its backend, and gets no second cookie', async () => {
  const { balancer, origins } = await openSticky();
  for (let i = 0; i < 3; i++) {
    const response = await exchange(balancer.port, cookie('node-2'));
    expect(bodyOf(response)).toBe('node-2');
    expect(response).not.toContain('Set-Cookie');
  }
  expect(origins[1].requestCookies[0]).toContain('theme=dark');
});

test('when the backend of the cookie is dead, another one answers and gives the client its own cookie', async () => {
  const { balancer, origins } = await openSticky();
  await origins[1].close();
  const response = await exchange(balancer.port, cookie('node-2'));
  expect(response).toContain(setCookie('node-1'));
  expect(bodyOf(response)).toBe('node-1');
});

test('a cookie that names nobody is replaced', async () => {
  const { balancer } = await openSticky();
  expect(await exchange(balancer.port, cookie('node-9'))).toContain(setCookie('node-1'));
});

test('an upgrade gets the cookie with its 101, and what was sent behind the head is not lost', async () => {
  const { balancer, origins } = await openSticky();
  const client = await connectClient(balancer.port);
  client.write(upgradeRequest);
  expect(await readSome(client)).toMatch(
    /^HTTP\/1\.1 101 Switching Protocols\r\nSet-Cookie: cluster-chat-node=node-1;/,
  );
  origins[0].upgraded[0]?.write('down');
  expect(await readSome(client)).toBe('down');
  client.write('up');
  expect(await readSome(origins[0].upgraded[0] as never)).toBe('up');
});

test('a body that follows the head, and a half-close right behind it, arrive', async () => {
  const { balancer } = await openSticky();
  expect(bodyOf(await exchange(balancer.port, '', 'x'.repeat(300_000)))).toBe('node-1 300000');
  const client = await connectClient(balancer.port);
  client.end('POST / HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody');
  expect(bodyOf((await readAll(client)).bytes.toString())).toBe('node-2 4');
});

test('a head that comes byte by byte is understood', async () => {
  const { balancer } = await openSticky();
  const client = await connectClient(balancer.port);
  const head = `GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n${cookie('node-2')}\r\n`;
  for (const character of head) await new Promise((resolve) => client.write(character, resolve));
  expect(bodyOf((await readAll(client)).bytes.toString())).toBe('node-2');
});

test('a head larger than 16 KiB is refused with 431', async () => {
  const { balancer, events } = await openSticky();
  expect(await exchange(balancer.port, `X: ${'x'.repeat(20_000)}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  expect(events).toContainEqual({ type: 'connection-refused', reason: 'bad-request' });
});

test('a head that does not arrive within 5 seconds is refused with 408, however it drips', async () => {
  const { balancer } = await openSticky();
  const client = await connectClient(balancer.port);
  const answer = readAll(client);
  const dripping = setInterval(() => client.write('x'), 100);
  const { bytes } = await answer.finally(() => clearInterval(dripping));
  expect(bytes.toString()).toMatch(/^HTTP\/1\.1 408 /);
});

test('a client that leaves before its head is complete is forgotten', async () => {
  const { balancer, events } = await openSticky();
  const client = await connectClient(balancer.port);
  client.end('GET / HT');
  await once(client.resume(), 'close');
  expect(await waitUntil(() => balancer.status().connections === 0, { timeoutMs: 30_000 })).toBe(true);
  expect(events).toEqual([]);
});

test('a backend that does not speak HTTP passes unchanged', async () => {
  const echo = await openTcpOrigin('echo', (socket) => socket.pipe(socket));
  const { balancer } = await openTestBalancer([echo], 'sticky');
  const client = await connectClient(balancer.port);
  client.end(upgradeRequest);
  expect((await readAll(client)).bytes.toString()).toBe(upgradeRequest);
});

test('the cookie is found in any header of that name, and nowhere else', () => {
  expect(stickyNameIn('GET / HTTP/1.1\r\ncookie:a=b;  cluster-chat-node=node-3 ')).toBe('node-3');
  expect(stickyNameIn('GET / HTTP/1.1\r\nCookie: a=b\r\nCookie: cluster-chat-node=n')).toBe('n');
  expect(stickyNameIn('GET /?cluster-chat-node=n HTTP/1.1\r\nX-Cookie: cluster-chat-node=n')).toBeUndefined();
  expect(stickyNameIn('GET / HTTP/1.1\r\nCookie: xcluster-chat-node=n')).toBeUndefined();
});

const added = 'Set-Cookie: a=b\r\n';
const continued = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n';
test.each([
  ['a final response', 'HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody', `HTTP/1.1 200 OK\r\n${added}A: b\r\n\r\nbody`],
  ['a switch of protocols', 'HTTP/1.1 101 S\r\n\r\n\u0000x', `HTTP/1.1 101 S\r\n${added}\r\n\u0000x`],
  ['interim responses', `${continued}HTTP/1.1 204 No\r\n\r\n`, `${continued}HTTP/1.1 204 No\r\n${added}\r\n`],
  ['another protocol', 'CONNECTED\nversion:1.2\n\n\u0000', 'CONNECTED\nversion:1.2\n\n\u0000'],
  ['a stream that ends in its status line', 'HTTP/1.1 200', 'HTTP/1.1 200'],
  ['a status line without end', `HTTP/1.1 200 ${'x'.repeat(20_000)}`, `HTTP/1.1 200 ${'x'.repeat(20_000)}`],
])('the header is added to the first final response [RFC 9110, 15.2]: %s, at every cut', (_, input, expected) => {
  const bytes = Buffer.from(input);
  for (const size of [1, 2, 7, bytes.length]) {
    if (bytes.length > 1_000 && size < 7) continue;
    const rewrite = addResponseHeader(added);
    let out = '';
    for (let i = 0; i < bytes.length; i += size) {
      const chunk = bytes.subarray(i, i + size);
      out += rewrite.done ? chunk.toString() : (rewrite.take(chunk)?.toString() ?? '');
    }
    out += rewrite.rest().toString();
    expect(out).toBe(expected);
  }
});
