import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '../../src/core/clock.js';
import { type RedisServer, startRedis } from '../services/redis-server.js';
import { requireService } from '../services/require-service.js';
import { expectSound } from './expect-sound.js';
import { Place, set } from './place.js';

let place: Place;
let redis: RedisServer;

/** Messages of the run that Redis has taken. */
async function taken(client: Redis): Promise<number> {
  const places = await client.keys('cluster-chat:place:*');
  const offsets = await Promise.all(places.map((key) => client.hget(key, 'offset')));
  return offsets.reduce((sum, offset) => sum + Number(offset), 0);
}

async function isInMidRun(): Promise<boolean> {
  const client = new Redis(redis.port, '127.0.0.1');
  try {
    return await waitUntil(async () => (await taken(client)) > 300, { timeoutMs: 30_000 });
  } finally {
    client.disconnect();
  }
}

/** Whether every node of a run says that it is not ready. */
async function nodesAreAway(output: string): Promise<boolean> {
  const ports = [...output.matchAll(/node-\d ready in .*:(\d+)\/ws/g)].map(([, port]) => port);
  const answers = await Promise.all(ports.map((port) => fetch(`http://127.0.0.1:${port}/ready`)));
  return answers.length === 3 && answers.every(({ status }) => status === 503);
}

/** The clients that were told `recovered:false`, one by one. */
function toldOfLoss(out: string): number[] {
  const lines = readFileSync(join(place.cwd, out, 'events.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  const facts: { type: string; client: number; recovered?: boolean }[] = lines.flatMap(
    (line) => JSON.parse(line).sessions ?? [],
  );
  return facts
    .filter(({ type, recovered }) => type === 'subscription-confirmed' && recovered === false)
    .map(({ client }) => client);
}

describe.runIf(requireService('redis-server', 'redis-server'))('a broker that loses its state', () => {
  beforeEach(async () => {
    place = new Place();
    redis = await startRedis();
  });
  afterEach(async () => {
    place.remove();
    await redis[Symbol.asyncDispose]();
  });

  test('a Redis killed in mid-run and started again empty is a broker-gap of known size, and every client is told', async () => {
    const run = place.start([
      ...['run', 'smoke', '--out', 'out', '--set', `cluster.broker=${redis.url}`],
      ...set('clients[0].send.every=100ms', 'duration=8s'),
    ]);
    expect(await isInMidRun()).toBe(true);
    await redis.kill();
    expect(await waitUntil(() => nodesAreAway(run.said.stdout), { timeoutMs: 30_000 })).toBe(true);
    await redis.restart({ empty: true });
    const { code, stdout, stderr } = await run.ended;
    expect(stderr).toBe('');
    const result = place.result('out');
    expectSound(result);
    await place.expectNothingLeft();
    expect({ code, verdict: result.verdict }).toEqual({ code: 1, verdict: 'fail' });
    const lost = result.missingByCause['broker-gap'] ?? 0;
    expect(lost).toBeGreaterThan(0);
    expect(stdout).toMatch(new RegExp(`^ +${lost.toLocaleString('en')} +broker-gap`, 'm'));
    // Twice may come what Redis had sent on and not yet confirmed: it no longer knows that it had it.
    expect(result.delivery).toMatchObject({ unexplained: 0, unexpected: 0 });
    expect(result.missingByCause).not.toHaveProperty('never-relayed');
    expect(result.reasons.join()).toContain('required deliveries missing');
    expect(toldOfLoss('out').sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, client) => client));
  });
});
