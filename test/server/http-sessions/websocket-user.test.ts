import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RelayNode } from '../../../src/server/node.js';
import { type RedisServer, startRedis } from '../../services/redis-server.js';
import { requireService } from '../../services/require-service.js';
import { metricOf, openTestNode } from '../test-node.js';
import { Browser } from './browser.js';

const patience = { timeout: 20_000 };

/** The user that a node takes a browser's WebSocket for. */
async function userAt(browser: Browser, headers: Record<string, string> = {}): Promise<string | undefined> {
  await using client = await browser.openWebSocket();
  return (await client.connect('1.2', headers)).headers.get('user-name');
}

describe('a WebSocket', () => {
  test('belongs to the user of its session, whatever CONNECT says', async () => {
    await using node = await openTestNode();
    const browser = new Browser(node.port);
    await browser.logIn('ada');
    expect(await userAt(browser)).toBe('ada');
    expect(await userAt(browser, { login: 'mallory' })).toBe('ada');
  });

  test('without a session belongs to the login of CONNECT, or to nobody', async () => {
    await using node = await openTestNode();
    const stranger = new Browser(node.port);
    expect(await userAt(stranger, { login: 'bob' })).toBe('bob');
    expect(await userAt(stranger)).toMatch(/^[0-9a-f]{32}$/);
    expect(await userAt(stranger, { login: 'a\u{202e}b' })).toMatch(/^[0-9a-f]{32}$/);
  });

  test('with an unknown session is anonymous, and counted', async () => {
    await using node = await openTestNode();
    const stranger = new Browser(node.port);
    stranger.cookies.store([`SESSION=${'0'.repeat(32)}`]);
    expect(await userAt(stranger)).toMatch(/^[0-9a-f]{32}$/);
    expect(await metricOf(node.port, 'http_sessions_not_found_total')).toBe(1);
  });

  test('is refused with 401 without a session where a login is required, and keeps no place', async () => {
    await using node = await openTestNode({ maxConnections: 1 }, { isLoginRequired: true });
    const browser = new Browser(node.port);
    await expect(browser.openWebSocket()).rejects.toThrow('401');
    browser.cookies.store([`SESSION=${'0'.repeat(32)}`]);
    await expect(browser.openWebSocket()).rejects.toThrow('401');
    await browser.logIn('ada');
    await expect.poll(() => userAt(browser).catch(String), patience).toBe('ada');
  });

  test('keeps its session alive while it is open, and only that one', async () => {
    await using node = await openTestNode({ httpSessionIdleMs: 6_000 });
    const [listener, absent] = [new Browser(node.port), new Browser(node.port)];
    await listener.logIn('ada');
    await using client = await listener.openWebSocket();
    await client.connect();
    await absent.logIn('bob');
    await expect.poll(() => metricOf(node.port, 'http_sessions'), patience).toBe(1);
    expect(await listener.whoAmI()).toBe('ada');
    await client[Symbol.asyncDispose]();
    await expect.poll(() => metricOf(node.port, 'http_sessions'), patience).toBe(0);
  });

  test('ends with the logout of its session; those of others stay', async () => {
    await using node = await openTestNode();
    const [ada, bob] = [new Browser(node.port), new Browser(node.port)];
    await ada.logIn('ada');
    await bob.logIn('bob');
    await using one = await ada.openWebSocket();
    await using other = await bob.openWebSocket();
    await Promise.all([one.connect(), other.connect()]);
    await ada.form('/logout');
    expect((await one.next('ERROR')).headers.get('message')).toBe('Logged out.');
    expect((await one.ended).code).toBe(1008);
    await other.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
  });
});

test('with sessions in memory a user is a stranger at every other node', async () => {
  await using one = await openTestNode();
  await using other = await openTestNode();
  const browser = new Browser(one.port);
  await browser.logIn('ada');
  expect(await browser.at(other.port).whoAmI()).toBe(401);
});

describe.runIf(requireService('redis-server', 'redis-server'))('with sessions in Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());
  const open = (name: string, { idleMs = 60_000, log = (_line: string): void => {} } = {}): Promise<RelayNode> =>
    openTestNode({ httpSessionIdleMs: idleMs }, { name, sessions: redis.url, log });

  test('a user is known at every node, also when the one that he logged in at is gone', async () => {
    await using other = await open('node-2');
    const browser = await (async () => {
      await using one = await open('node-1');
      const user = new Browser(one.port);
      await user.logIn('ada');
      return user;
    })();
    expect(await userAt(browser.at(other.port))).toBe('ada');
  });

  test('a logout at one node ends the WebSockets at the others', async () => {
    await using one = await open('node-1');
    await using other = await open('node-2', { idleMs: 3_000 });
    const browser = new Browser(one.port);
    await browser.logIn('ada');
    await using client = await browser.at(other.port).openWebSocket();
    await client.connect();
    await browser.form('/logout');
    expect((await client.next('ERROR')).headers.get('message')).toBe('Logged out.');
  });

  test('while Redis is away nobody is logged in or out, and afterwards everybody is who he was', async () => {
    const lines: string[] = [];
    await using node = await open('node-1', { log: (line) => void lines.push(line) });
    const browser = new Browser(node.port);
    await browser.logIn('ada');
    await using client = await browser.openWebSocket();
    await client.connect();
    await redis.kill();
    await expect.poll(() => lines.length, patience).toBe(1);
    const login = await new Browser(node.port).form('/login', { user: 'bob' });
    expect([login.status, login.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await browser.whoAmI()).toBe(503);
    await expect(browser.openWebSocket()).rejects.toThrow('503');
    expect(await metricOf(node.port, 'http_sessions')).toBeNaN();
    await client.asked('SUBSCRIBE', { id: '1', destination: '/topic/a' });
    await redis.restart({ empty: false });
    await expect.poll(() => lines.length, patience).toBe(2);
    expect(await browser.whoAmI()).toBe('ada');
    expect(lines.join('\n')).not.toContain(browser.cookies.header()?.slice('SESSION='.length));
  });
});
