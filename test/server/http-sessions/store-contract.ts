import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../../../src/core/clock.js';
import type { SessionStore } from '../../../src/server/http-sessions/session-store.js';

const long = 60_000;
const patience = { timeoutMs: 30_000, everyMs: 20 };

/** What every store of HTTP sessions promises. @param open an empty store with room for so many */
export function describeStore(open: (maxSessions: number) => Promise<SessionStore>): void {
  let store: SessionStore;
  beforeEach(async () => {
    store = await open(3);
  });
  afterEach(() => store[Symbol.asyncDispose]());

  test('a session that was created is found, with its user as it was given', async () => {
    expect(await store.create('a', 'Zoë: the\\first', long)).toBe(true);
    expect(await store.touch('a', long)).toBe('Zoë: the\\first');
    expect(await store.count()).toBe(1);
  });

  test('a key that was never given belongs to nobody', async () => {
    await store.create('a', 'ada', long);
    expect(await store.touch('b', long)).toBeUndefined();
    expect(await store.count()).toBe(1);
  });

  test('a session that was removed is gone, and removing it again does nothing', async () => {
    await store.create('a', 'ada', long);
    await store.create('b', 'bob', long);
    await store.remove('a');
    await store.remove('a');
    expect(await store.touch('a', long)).toBeUndefined();
    expect(await store.touch('b', long)).toBe('bob');
    expect(await store.count()).toBe(1);
  });

  test('a session that is not used ends by itself and is no longer counted', async () => {
    await store.create('a', 'ada', 50);
    await store.create('b', 'bob', long);
    expect(await waitUntil(async () => (await store.count()) === 1, patience)).toBe(true);
    expect(await store.touch('a', long)).toBeUndefined();
    expect(await store.touch('b', long)).toBe('bob');
  });

  test('every use gives a session its whole time again', async () => {
    await store.create('used', 'ada', 3_000);
    await store.create('idle', 'bob', 3_000);
    expect(await store.touch('used', long)).toBe('ada');
    expect(await waitUntil(async () => (await store.count()) === 1, patience)).toBe(true);
    expect(await store.touch('used', long)).toBe('ada');
  });

  test('a full store refuses a login and logs nobody out', async () => {
    for (const key of ['a', 'b', 'c']) expect(await store.create(key, key, long)).toBe(true);
    expect(await store.create('d', 'd', long)).toBe(false);
    expect(await store.touch('d', long)).toBeUndefined();
    expect(await store.touch('a', long)).toBe('a');
    await store.remove('b');
    expect(await store.create('d', 'd', long)).toBe(true);
  });

  test('a session that expired makes room for a login', async () => {
    await store.create('short', 'ada', 50);
    for (const key of ['b', 'c']) await store.create(key, key, long);
    expect(await waitUntil(() => store.create('d', 'dan', long), patience)).toBe(true);
  });
}
