import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RelayNode } from '../../../src/server/node.js';
import { metricOf, openTestNode } from '../test-node.js';
import { Browser } from './browser.js';

const patience = { timeout: 30_000 };
let node: RelayNode;
let browser: Browser;
beforeEach(async () => {
  node = await openTestNode();
  browser = new Browser(node.port);
});
afterEach(() => node[Symbol.asyncDispose]());

describe('POST /login', () => {
  test('a form leads on with 303 and a cookie of 128 bits that scripts and other sites cannot use', async () => {
    const response = await browser.form('/login', { user: 'ada' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    expect(response.headers.get('set-cookie')).toMatch(/^SESSION=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await browser.whoAmI()).toBe('ada');
  });

  test('JSON is answered with 204 and no content', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await browser.fetch('/login', { method: 'POST', headers, body: '{"user":"Zoë"}' });
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(await browser.whoAmI()).toBe('Zoë');
  });

  test('gives a new id whatever the browser had, and ends what it had: a planted session gains nothing', async () => {
    await browser.logIn('mallory');
    const planted = browser.at(node.port);
    const before = browser.cookies.header();
    await browser.logIn('ada');
    expect(browser.cookies.header()).not.toBe(before);
    expect(await browser.whoAmI()).toBe('ada');
    expect(await planted.whoAmI()).toBe(401);
    const invented = new Browser(node.port);
    invented.cookies.store([`SESSION=${'0'.repeat(32)}`]);
    await invented.logIn('ada');
    expect(invented.cookies.header()).not.toContain('0'.repeat(32));
  });

  test.each([
    ['no user', 'application/x-www-form-urlencoded', 'password=x', 400],
    ['an empty user', 'application/x-www-form-urlencoded', 'user=', 400],
    ['a line break in the user', 'application/x-www-form-urlencoded', 'user=a%0Anode:x', 400],
    ['a text that turns about', 'application/x-www-form-urlencoded', 'user=a%E2%80%AEb', 400],
    ['a user of 129 octets', 'application/x-www-form-urlencoded', `user=${'x'.repeat(129)}`, 400],
    ['a user that is a number', 'application/json', '{"user":1}', 400],
    ['broken JSON', 'application/json', '{"user":', 400],
    ['JSON without an object', 'application/json', 'null', 400],
    ['plain text, which any site may send', 'text/plain', '{"user":"ada"}', 400],
    ['a body beyond the limit', 'application/json', `{"user":"ada","x":"${'x'.repeat(4_096)}"}`, 413],
  ])('with %s gives no session', async (_title, type, body, status) => {
    const response = await browser.fetch('/login', { method: 'POST', headers: { 'Content-Type': type }, body });
    expect([response.status, response.headers.get('set-cookie')]).toEqual([status, null]);
  });

  test('from a page of another site is refused, and so is a logout', async () => {
    const Origin = 'http://localhost.evil.example';
    expect((await browser.form('/login', { user: 'ada' }, { Origin })).status).toBe(403);
    await browser.logIn('ada');
    expect((await browser.form('/logout', {}, { Origin })).status).toBe(403);
    expect(await browser.whoAmI()).toBe('ada');
    expect((await browser.form('/logout', {}, { Origin: 'http://localhost:3000' })).status).toBe(303);
  });

  test('is no link: GET is answered with 405', async () => {
    const response = await browser.fetch('/login');
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('needs the passcode where the node has a credential', async () => {
    await using guarded = await openTestNode({}, { credential: { login: 'app', passcode: 'canary-4711' } });
    const user = new Browser(guarded.port);
    expect((await user.form('/login', { user: 'ada' })).status).toBe(401);
    const wrong = await user.form('/login', { user: 'ada', password: 'canary-4712' });
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).not.toContain('471');
    expect((await user.form('/login', { user: 'ada', password: 'canary-4711' })).status).toBe(303);
    await using client = await user.openWebSocket();
    expect((await client.connect()).headers.get('user-name')).toBe('ada');
    expect(await metricOf(guarded.port, 'refused_logins_total')).toBe(2);
  });

  test('beyond the limit of sessions waits with 503, and logs nobody out', async () => {
    await using small = await openTestNode({ maxHttpSessions: 1 });
    const first = new Browser(small.port);
    await first.logIn('ada');
    const response = await new Browser(small.port).form('/login', { user: 'bob' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await first.whoAmI()).toBe('ada');
    await first.form('/logout');
    await new Browser(small.port).logIn('bob');
  });
});

test('POST /logout ends the session, forgets the cookie, and may be repeated', async () => {
  await browser.logIn('ada');
  const copy = browser.at(node.port);
  const response = await browser.form('/logout');
  expect(response.headers.get('set-cookie')).toContain('Max-Age=0');
  expect(await copy.whoAmI()).toBe(401);
  expect((await copy.form('/logout')).status).toBe(303);
});

test('a session that is not used ends after the idle time', async () => {
  await using hasty = await openTestNode({ httpSessionIdleMs: 200 });
  const user = new Browser(hasty.port);
  await user.logIn('ada');
  await expect.poll(() => metricOf(hasty.port, 'http_sessions'), patience).toBe(0);
  expect(await user.whoAmI()).toBe(401);
});

test('/sessions and /metrics tell STOMP and HTTP sessions apart, and no cookie', async () => {
  await browser.logIn('ada');
  await using client = await browser.openWebSocket();
  await client.connect();
  await new Browser(node.port).logIn('bob');
  const text = await (await browser.fetch('/sessions')).text();
  const listed = JSON.parse(text);
  expect(listed.sessions.map(({ user }: { user: string }) => user)).toEqual(['ada']);
  expect([listed.total, listed.httpSessions]).toEqual([1, { store: 'memory', total: 2, withWebSocket: 1 }]);
  const metrics = await (await browser.fetch('/metrics')).text();
  for (const [name, value] of [
    ['sessions', 1],
    ['http_sessions', 2],
    ['http_sessions_held', 1],
    ['logins_total', 2],
  ] as const) {
    expect(metrics).toContain(`cluster_chat_${name}{node="node-1"} ${value}\n`);
  }
  const secret = browser.cookies.header()?.slice('SESSION='.length) ?? '';
  expect(secret).toHaveLength(32);
  expect(text + metrics).not.toContain(secret);
});
