import { expect, test } from 'vitest';
import { askHealth } from '../../src/cluster/health.js';
import { waitUntil } from '../../src/core/clock.js';
import { connectTo } from '../../src/proxy/connect.js';
import { type CheckResult, type HealthOptions, watchHealth } from '../../src/proxy/health.js';
import { standStill } from '../services/stand-still.js';
import {
  closedPort,
  connectClient,
  openHttpOrigin,
  openSlowOrigin,
  openTestBalancer,
  readAll,
  readSome,
  upgradeRequest,
} from './origin.js';

const patience = { timeoutMs: 30_000 };

function checkOptions(results: CheckResult[], more: Partial<HealthOptions> = {}): HealthOptions {
  return { path: '/ready', everyMs: 5, timeoutMs: 1_000, onResult: (result) => results.push(result), ...more };
}

test('checks go on until the abort, and none is reported after it', async () => {
  const origin = await openHttpOrigin('node-1');
  const results: CheckResult[] = [];
  const stop = new AbortController();
  const watched = watchHealth(origin, checkOptions(results), stop.signal);
  expect(await waitUntil(() => results.length >= 3, patience)).toBe(true);
  stop.abort();
  const count = results.length;
  await watched;
  expect(results.length).toBe(count);
  expect(results[0]).toEqual({ type: 'up' });
});

test.each([
  [200, 'up'],
  [302, 'up'],
  [404, 'failed'],
  [503, 'failed'],
  [0, 'failed'],
] as const)('an answer of %i (0: none) is %s', async (status, type) => {
  const origin = await openHttpOrigin('node-1');
  origin.state.status = status;
  const results: CheckResult[] = [];
  const stop = new AbortController();
  const watched = watchHealth(origin, checkOptions(results, { timeoutMs: status === 0 ? 50 : 5_000 }), stop.signal);
  await waitUntil(() => results.length > 0, patience);
  stop.abort();
  await watched;
  expect(results[0]?.type).toBe(type);
});

test('a refused connection is told apart from a failure, and an abort ends a check that waits', async () => {
  const results: CheckResult[] = [];
  const stop = new AbortController();
  const nobody = { host: '127.0.0.1', port: await closedPort() };
  const watchedNobody = watchHealth(nobody, checkOptions(results), stop.signal);
  await waitUntil(() => results.length > 0, patience);
  expect(results[0]).toEqual({ type: 'refused', reason: 'ECONNREFUSED' });

  const hung = await openHttpOrigin('hung');
  hung.state.status = 0;
  const watchedHung = watchHealth(hung, checkOptions([], { timeoutMs: 3_600_000 }), stop.signal);
  stop.abort();
  await Promise.all([watchedNobody, watchedHung]);
});

test('who was kept from running itself takes nobody for silent whose answer is there', async () => {
  const results: CheckResult[] = [];
  const [checked, asked, called] = [await openSlowOrigin(), await openSlowOrigin(), await openSlowOrigin()];
  const stop = new AbortController();
  const watched = watchHealth(checked, checkOptions(results, { timeoutMs: 3_000 }), stop.signal);
  const health = askHealth(asked.host, asked.port, 3_000);
  await Promise.all([checked.asked, asked.asked]);
  const outcome = connectTo(called, { timeoutMs: 3_000 });
  // Behind the call that begins to connect.
  process.nextTick(() => standStill(3_500));
  expect((await outcome).type).toBe('connected');
  expect(await health).toBeDefined();
  expect(await waitUntil(() => results.length > 0, patience)).toBe(true);
  stop.abort();
  await watched;
  expect(results[0]).toEqual({ type: 'up' });
});

test('a backend goes down when it is not ready, comes up again, and each change is one event', async () => {
  const origin = await openHttpOrigin('node-1');
  const { balancer, events } = await openTestBalancer([origin], 'round-robin', { healthEveryMs: 5 });
  origin.state.status = 503;
  expect(await waitUntil(() => events.length === 1, patience)).toBe(true);
  expect(balancer.status().backends[0]?.healthy).toBe(false);
  origin.state.status = 200;
  expect(await waitUntil(() => events.length === 2, patience)).toBe(true);
  expect(balancer.status().backends[0]?.healthy).toBe(true);
  expect(events).toEqual([
    { type: 'backend-down', name: 'node-1', reason: '/ready answered 503' },
    { type: 'backend-up', name: 'node-1' },
  ]);
});

test('a backend that dies is noticed by the check alone, and found again on the same port', async () => {
  const origin = await openHttpOrigin('node-1');
  const { balancer } = await openTestBalancer([origin], 'round-robin', { healthEveryMs: 5 });
  await origin.close();
  expect(await waitUntil(() => balancer.status().backends[0]?.healthy === false, patience)).toBe(true);
  await openHttpOrigin('node-1', origin.port);
  expect(await waitUntil(() => balancer.status().backends[0]?.healthy === true, patience)).toBe(true);
});

test.each([false, true])('the links of a hung backend are reset only with cutOnDown (%s)', async (cutOnDown) => {
  const origin = await openHttpOrigin('node-1');
  const { balancer } = await openTestBalancer([origin], 'round-robin', { healthEveryMs: 5, cutOnDown });
  const client = await connectClient(balancer.port);
  client.write(upgradeRequest);
  await readSome(client);
  origin.state.status = 503;
  if (cutOnDown) {
    expect((await readAll(client)).ending).toBe('ECONNRESET');
    return;
  }
  expect(await waitUntil(() => balancer.status().backends[0]?.healthy === false, patience)).toBe(true);
  origin.upgraded[0]?.write('alive again');
  expect(await readSome(client)).toBe('alive again');
});
