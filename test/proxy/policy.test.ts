import { expect, test } from 'vitest';
import { type Candidate, createPolicy } from '../../src/proxy/policy.js';

type Pool = [Candidate, ...Candidate[]];
const pool: Pool = [
  { name: 'node-1', connections: 0 },
  { name: 'node-2', connections: 0 },
  { name: 'node-3', connections: 0 },
];
const [first, second, third] = pool as [Candidate, Candidate, Candidate];
const request = { remoteAddress: '10.0.0.1' };

test('round-robin takes turns in the order of the configuration', () => {
  const policy = createPolicy('round-robin');
  const names = Array.from({ length: 7 }, () => policy.choose(pool, request).name);
  expect(names).toEqual(['node-1', 'node-2', 'node-3', 'node-1', 'node-2', 'node-3', 'node-1']);
});

test('round-robin stays even when a backend is missing for a while, and gives it no burst when it returns', () => {
  const policy = createPolicy('round-robin');
  const names = [pool, [first, third], [first, third], [first, third], pool, pool, pool, pool].map(
    (candidates) => policy.choose(candidates as Pool, request).name,
  );
  expect(names).toEqual(['node-1', 'node-3', 'node-1', 'node-3', 'node-2', 'node-1', 'node-3', 'node-2']);
});

test('least-connections takes the one with the fewest, and turns among equals', () => {
  const policy = createPolicy('least-connections');
  expect(
    policy.choose(
      [
        { name: 'a', connections: 3 },
        { name: 'b', connections: 1 },
      ],
      request,
    ).name,
  ).toBe('b');
  const names = Array.from({ length: 3 }, () => policy.choose(pool, request).name);
  expect(new Set(names).size).toBe(3);
});

test('ip-hash keeps an address on its backend and spreads addresses evenly', () => {
  const policy = createPolicy('ip-hash');
  const counts = new Map<string, number>();
  for (let i = 0; i < 3_000; i++) {
    const from = { remoteAddress: `10.0.${i >> 8}.${i & 255}` };
    const { name } = policy.choose(pool, from);
    expect(policy.choose(pool, from).name).toBe(name);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const { name } of pool) expect(counts.get(name)).toBeGreaterThan(850);
});

test('ip-hash moves only the addresses of the backend that died', () => {
  const policy = createPolicy('ip-hash');
  for (let i = 0; i < 500; i++) {
    const from = { remoteAddress: `192.168.1.${i}` };
    const before = policy.choose(pool, from).name;
    const after = policy.choose([first, third], from).name;
    if (before !== second.name) expect(after).toBe(before);
  }
});

test('ip-hash takes an IPv4 address and its IPv6 form for the same client', () => {
  const policy = createPolicy('ip-hash');
  for (let i = 0; i < 50; i++) {
    const plain = policy.choose(pool, { remoteAddress: `10.1.1.${i}` }).name;
    expect(policy.choose(pool, { remoteAddress: `::ffff:10.1.1.${i}` }).name).toBe(plain);
  }
});

test('sticky follows the cookie while its backend can be chosen, and takes turns otherwise', () => {
  const policy = createPolicy('sticky');
  const withCookie = { ...request, stickyName: 'node-2' };
  expect([1, 2, 3].map(() => policy.choose(pool, withCookie).name)).toEqual(['node-2', 'node-2', 'node-2']);
  expect([1, 2].map(() => policy.choose([first, third], withCookie).name)).toEqual(['node-1', 'node-3']);
});
