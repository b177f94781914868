import { describe, expect, test } from 'vitest';
import { BrokerRefusal } from '../../src/broker/broker.js';
import { openBroker } from '../../src/broker/open-broker.js';
import { publishScript } from '../../src/broker/redis-scripts.js';
import { waitUntil } from '../../src/core/clock.js';
import { forEachTest } from '../services/lifetime.js';
import { requireService } from '../services/require-service.js';
import { EventLog, messageFor } from './contract.js';
import { testFaults } from './fault-contract.js';
import type { FaultStage } from './fault-stage.js';
import { inRedis, redisStage } from './server-stages.js';

function placeOf(topic: string): string {
  return `cluster-chat:place:${topic}`;
}

/** A message that is stored, but of which the nodes do not hear. */
async function storeUnheard(stage: FaultStage): Promise<void> {
  const { topic } = stage;
  const payload = '{"id":"elsewhere:1","headers":[]}\nunheard';
  const keys = [placeOf(topic), `cluster-chat:stream:${topic}`, 'cluster-chat:origin:elsewhere'];
  await inRedis(stage, (client) => client.eval(publishScript, 3, ...keys, 'epoch', 'nowhere', '1', payload));
}

describe.runIf(requireService('redis-server', 'redis-server'))('Redis with faults', () => {
  const stage = forEachTest(redisStage);

  testFaults({ stage, afterRestart: ['everything', 'nothing'] });

  test('what is no longer stored when a node comes back is a gap that is told, not silence', async () => {
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    await stage().goesAway();
    await stage().othersSay(Array.from({ length: 1_001 }, (_, i) => `${i}`));
    await stage().comesBack();
    expect(log.gaps).toEqual([topic]);
    await stage().othersSay(['later']);
    await log.count(1);
    expect(log.bodies).toEqual(['later']);
  });

  test('back with older data: offsets that were seen are not given a second time', async () => {
    const { broker, log, topic } = stage();
    const start = await broker.watch(topic);
    for (const text of ['one', 'two', 'three']) await broker.publish(messageFor(topic, text));
    await log.count(3);
    await stage().goesAway();
    await inRedis(stage(), (client) => client.hset(placeOf(topic), 'offset', 1));
    await stage().comesBack();
    expect(log.gaps).toEqual([topic]);
    await broker.publish(messageFor(topic, 'four'));
    await log.count(4);
    expect(log.bodies.at(-1)).toBe('four');
    // A client that saw three must not be told that it missed nothing.
    expect((await broker.replay(topic, { epoch: start?.epoch ?? '', offset: 3 })).recovered).toBe(false);
  });

  test('while it is away publishes are held up to a bound and refused beyond it', async () => {
    const { broker } = stage();
    await stage().goesAway();
    const held = Array.from({ length: 20_000 }, (_, i) => broker.publish(messageFor('/topic/other', `${i}`)));
    await expect(broker.publish(messageFor('/topic/other', 'too many'))).rejects.toThrow(BrokerRefusal);
    await stage().comesBack();
    await Promise.all(held);
  });

  test('a message that was stored but got lost on the way is fetched, in its order', async () => {
    const { broker, log, topic } = stage();
    const start = await broker.watch(topic);
    await broker.publish(messageFor(topic, 'one'));
    await log.count(1);
    await storeUnheard(stage());
    await broker.publish(messageFor(topic, 'three'));
    await log.count(3);
    expect(log.bodies).toEqual(['one', 'unheard', 'three']);
    expect(log.messages.map((message) => message.position?.offset)).toEqual([1, 2, 3]);
    expect(log.gaps).toEqual([]);
    expect((await broker.replay(topic, start ?? { epoch: '', offset: 0 })).recovered).toBe(true);
  });

  test('a replay brings nothing that this node has yet to pass on: a subscriber would get it twice', async () => {
    const { broker, log, topic } = stage();
    const start = await broker.watch(topic);
    await broker.publish(messageFor(topic, 'one'));
    await log.count(1);
    await storeUnheard(stage());
    const replay = await broker.replay(topic, start ?? { epoch: '', offset: 0 });
    expect(replay.recovered ? replay.messages.map(({ body }) => body.toString()) : []).toEqual(['one', 'unheard']);
    // The router drops what subscribers were replayed only as long as they have not gone live.
    expect(log.bodies).toEqual(['one', 'unheard']);
  });

  test('what strangers send to a channel of ours reaches nobody and harms nothing', async () => {
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    await inRedis(stage(), (client) => client.publish(`cluster-chat:0:${topic}`, 'not ours'));
    await broker.publish(messageFor(topic, 'one'));
    await log.count(1);
    expect(log.bodies).toEqual(['one']);
    expect(log.gaps).toEqual([]);
  });

  test('a publish that Redis refuses is refused, with the reason, and the next ones pass', async () => {
    const { broker, topic } = stage();
    await inRedis(stage(), (client) => client.config('SET', 'maxmemory', '1'));
    await expect(broker.publish(messageFor(topic, 'no room'))).rejects.toThrow('OOM');
    await inRedis(stage(), (client) => client.config('SET', 'maxmemory', '0'));
    await broker.publish(messageFor(topic, 'room'));
    expect(broker.status).toBe('ready');
  });

  test('streams stay bounded', async () => {
    const { broker, topic } = stage();
    for (let i = 0; i < 3_000; i++) void broker.publish(messageFor(topic, `${i}`));
    await broker.publish(messageFor(topic, 'last'));
    await inRedis(stage(), async (client) => {
      expect(await client.xlen(`cluster-chat:stream:${topic}`)).toBeLessThan(1_200);
      expect(await client.ttl(`cluster-chat:stream:${topic}`)).toBeGreaterThan(0);
      expect(await client.ttl(placeOf(topic))).toBeGreaterThan(0);
    });
  });

  test('plain publish and subscribe says after a cut that something may be missing', async () => {
    const { link, topic } = stage();
    const own = new EventLog();
    const address = `redis://127.0.0.1:${link.port}?mode=pubsub`;
    await using plain = await openBroker({ address, secret: undefined }, own);
    await plain.watch(topic);
    link.cut();
    expect(await waitUntil(() => own.gaps.length > 0, { timeoutMs: 30_000 })).toBe(true);
    expect(own.gaps).toEqual([topic]);
    await stage().becomes('ready', plain);
    await plain.publish(messageFor(topic, 'afterwards'));
    await own.count(1);
    expect(own.bodies).toEqual(['afterwards']);
  });
});
