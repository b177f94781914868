import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitUntil } from '../../../src/core/clock.js';
import { MemoryStore } from '../../../src/server/http-sessions/memory-store.js';
import { openSessionStore } from '../../../src/server/http-sessions/open-store.js';
import { RedisStore } from '../../../src/server/http-sessions/redis-store.js';
import { StoreAway } from '../../../src/server/http-sessions/session-store.js';
import { type RedisServer, startRedis } from '../../services/redis-server.js';
import { requireService } from '../../services/require-service.js';
import { describeStore } from './store-contract.js';

const quiet = () => {};
const patience = { timeoutMs: 20_000, everyMs: 20 };

describe('the store in memory', () => {
  describeStore(async (maxSessions) => new MemoryStore({ maxSessions }));
});

describe.runIf(requireService('redis-server', 'redis-server'))('the store in Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());
  const open = (maxSessions: number) => RedisStore.open({ url: redis.url, maxSessions, log: quiet });

  describeStore(async (maxSessions) => {
    await redis.restart({ empty: true });
    return open(maxSessions);
  });

  test('is one for all nodes', async () => {
    await using one = await open(10);
    await using other = await open(10);
    await one.create('shared', 'ada', 60_000);
    expect(await other.touch('shared', 60_000)).toBe('ada');
    await other.remove('shared');
    expect(await one.touch('shared', 60_000)).toBeUndefined();
  });

  test('says once that Redis is away and once that it is back, fails meanwhile, and forgets nothing', async () => {
    const lines: string[] = [];
    await using store = await RedisStore.open({ url: redis.url, maxSessions: 10, log: (line) => lines.push(line) });
    await store.create('kept', 'ada', 60_000);
    await redis.kill();
    expect(await waitUntil(() => lines.length === 1, patience)).toBe(true);
    await expect(store.touch('kept', 60_000)).rejects.toThrow(StoreAway);
    await expect(store.create('new', 'bob', 60_000)).rejects.toThrow(StoreAway);
    await expect(store.remove('kept')).rejects.toThrow(StoreAway);
    await redis.restart({ empty: false });
    expect(await waitUntil(() => lines.length === 2, patience)).toBe(true);
    expect(await store.touch('kept', 60_000)).toBe('ada');
    expect(lines[0]).toMatch(/^The store of HTTP sessions redis:\/\/127\.0\.0\.1:\d+ is away \(.+\): .*503\.$/);
    expect(lines[1]).toMatch(/ is back\.$/);
  });

  test('a Redis that hangs counts as away', async () => {
    await using store = await open(10);
    const resume = await redis.pause();
    try {
      await expect(store.touch('a', 60_000)).rejects.toThrow(StoreAway);
    } finally {
      resume();
    }
  });

  test('a password goes to Redis and nowhere else', async () => {
    await using guarded = await startRedis({ args: ['--requirepass', 'canary-4711'], password: 'canary-4711' });
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    await using store = await RedisStore.open({ url: guarded.url, maxSessions: 10, log });
    await store.create('a', 'ada', 60_000);
    await guarded.kill();
    expect(await waitUntil(() => lines.length === 1, patience)).toBe(true);
    expect(lines.join('\n')).not.toContain('4711');
    const wrong = guarded.url.replace('canary', 'wrong-canary');
    const refusal = await RedisStore.open({ url: wrong, maxSessions: 10, log }).catch(String);
    expect(refusal).not.toContain('4711');
  });
});

test('a Redis that does not answer at the start is an error with its cure', async () => {
  const opening = openSessionStore({ address: 'redis://u:canary@127.0.0.1:1', maxSessions: 1, log: quiet });
  await expect(opening).rejects.toMatchObject({ code: 'sessions-unreachable', exitCode: 4 });
  await expect(opening).rejects.not.toThrow(/canary/);
});

test.each(['', 'mysql://h', 'redis:', 'redis://', 'Memory'])('"%s" is no store', async (address) => {
  await expect(openSessionStore({ address, maxSessions: 1, log: quiet })).rejects.toMatchObject({ code: 'usage' });
});
