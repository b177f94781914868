import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Broker, BrokerRefusal } from '../../src/broker/broker.js';
import { openBroker } from '../../src/broker/open-broker.js';
import { publishScript } from '../../src/broker/redis-scripts.js';
import { waitUntil } from '../../src/core/clock.js';
import { type RedisServer, startRedis } from '../services/redis-server.js';
import { requireService } from '../services/require-service.js';
import { EventLog, messageFor } from './contract.js';
import { CuttableLink } from './cuttable-link.js';

const topic = '/topic/faults';
const place = `cluster-chat:place:${topic}`;
let redis: RedisServer;
let link: CuttableLink;
let log: EventLog;
let broker: Broker;

function openThrough(port: number, events: EventLog, query = ''): Promise<Broker> {
  return openBroker({ address: `redis://127.0.0.1:${port}${query}`, secret: undefined }, events);
}

async function becomes(status: Broker['status']): Promise<void> {
  expect(await waitUntil(() => broker.status === status, { timeoutMs: 30_000 })).toBe(true);
}

/** Loses both connections and keeps the node away until the function that is returned is called. */
async function keptAway(): Promise<() => Promise<void>> {
  link.isBarred = true;
  link.cut();
  await becomes('away');
  return async () => {
    link.isBarred = false;
    await becomes('ready');
  };
}

/** What somebody does to Redis behind the nodes' backs. */
async function behindTheirBacks(act: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(redis.port, '127.0.0.1');
  try {
    await act(client);
  } finally {
    client.disconnect();
  }
}

/** A message that is stored, but of which the nodes do not hear. */
async function storeUnheard(): Promise<void> {
  const payload = '{"id":"elsewhere:1","headers":[]}\nunheard';
  const keys = [place, `cluster-chat:stream:${topic}`, 'cluster-chat:origin:elsewhere'];
  await behindTheirBacks((client) => client.eval(publishScript, 3, ...keys, 'epoch', 'nowhere', '1', payload));
}

describe.runIf(requireService('redis-server', 'redis-server'))('Redis with faults', () => {
  beforeEach(async () => {
    redis = await startRedis();
    link = await CuttableLink.open(redis.port);
    log = new EventLog();
    broker = await openThrough(link.port, log);
  });
  afterEach(async () => {
    await broker[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  test('connections cut again and again lose nothing, repeat nothing and keep the order', async () => {
    await broker.watch(topic);
    const numbers = Array.from({ length: 900 }, (_, index) => `${index}`);
    const confirmed: Promise<void>[] = [];
    for (const text of numbers) {
      confirmed.push(broker.publish(messageFor(topic, text)));
      if (Number(text) % 300 === 150) {
        await log.count(Number(text) - 100);
        const before = link.connections;
        link.cut();
        expect(await waitUntil(() => link.connections >= before + 2, { timeoutMs: 30_000 })).toBe(true);
      }
    }
    await Promise.all(confirmed);
    await log.count(numbers.length);
    expect(log.bodies).toEqual(numbers);
    expect(log.gaps).toEqual([]);
    expect(link.connections).toBeGreaterThanOrEqual(8);
  });

  test('what others publish while the connection is cut comes afterwards', async () => {
    await broker.watch(topic);
    await using other = await openThrough(redis.port, new EventLog());
    const comeBack = await keptAway();
    for (let i = 0; i < 500; i++) void other.publish({ ...messageFor(topic, `${i}`), id: `other:${i}` });
    await other.publish({ ...messageFor(topic, 'meanwhile'), id: 'other:500' });
    await comeBack();
    await log.count(501);
    await other.publish({ ...messageFor(topic, 'later'), id: 'other:501' });
    await log.count(502);
    expect(log.bodies).toEqual([...Array.from({ length: 500 }, (_, i) => `${i}`), 'meanwhile', 'later']);
    expect(log.gaps).toEqual([]);
  });

  test('what is no longer stored when a node comes back is a gap that is told, not silence', async () => {
    await broker.watch(topic);
    await using other = await openThrough(redis.port, new EventLog());
    const comeBack = await keptAway();
    const all = Array.from({ length: 1_001 }, (_, i) =>
      other.publish({ ...messageFor(topic, `${i}`), id: `other:${i}` }),
    );
    await Promise.all(all);
    await comeBack();
    expect(log.gaps).toEqual([topic]);
    await other.publish({ ...messageFor(topic, 'later'), id: 'other:9999' });
    await log.count(1);
    expect(log.bodies).toEqual(['later']);
  });

  test('killed and started again with its data: everything waits, nothing is lost, history goes on', async () => {
    const start = await broker.watch(topic);
    await broker.publish(messageFor(topic, 'before'));
    await log.count(1);
    await redis.kill();
    await becomes('away');
    const settled: string[] = [];
    const held = broker.publish(messageFor(topic, 'held')).then(() => settled.push('publish'));
    const fresh = broker.watch('/topic/new').then(() => settled.push('watch'));
    const replay = broker.replay(topic, start ?? { epoch: '', offset: 0 }).then((answer) => {
      settled.push('replay');
      return answer;
    });
    expect(settled).toEqual([]);
    await redis.restart({ empty: false });
    await Promise.all([held, fresh, replay]);
    expect(settled[0]).toBe('watch');
    await log.count(2);
    expect(log.bodies).toEqual(['before', 'held']);
    expect(log.gaps).toEqual([]);
    expect((await replay).recovered).toBe(true);
  });

  test('killed and started again empty: the gap is told, the epoch is another, nobody is told recovered', async () => {
    const start = await broker.watch(topic);
    await broker.publish(messageFor(topic, 'before'));
    await log.count(1);
    await redis.kill();
    await becomes('away');
    const held = broker.publish(messageFor(topic, 'held'));
    await redis.restart({ empty: true });
    await held;
    await log.count(2);
    expect(log.bodies).toEqual(['before', 'held']);
    expect(log.gaps).toEqual([topic]);
    expect(log.messages[1]?.position?.epoch).not.toBe(start?.epoch);
    expect(log.messages[1]?.position?.offset).toBe(1);
    expect((await broker.replay(topic, start ?? { epoch: '', offset: 0 })).recovered).toBe(false);
  });

  test('back with older data: offsets that were seen are not given a second time', async () => {
    const start = await broker.watch(topic);
    for (const text of ['one', 'two', 'three']) await broker.publish(messageFor(topic, text));
    await log.count(3);
    const comeBack = await keptAway();
    await behindTheirBacks((client) => client.hset(place, 'offset', 1));
    await comeBack();
    expect(log.gaps).toEqual([topic]);
    await broker.publish(messageFor(topic, 'four'));
    await log.count(4);
    expect(log.bodies.at(-1)).toBe('four');
    // A client that saw three must not be told that it missed nothing.
    expect((await broker.replay(topic, { epoch: start?.epoch ?? '', offset: 3 })).recovered).toBe(false);
  });

  test('paused, it is noticed as away; afterwards everything held is there once', async () => {
    await broker.watch(topic);
    const resume = await redis.pause();
    const confirmed: string[] = [];
    const first = broker.publish(messageFor(topic, 'one')).then(() => confirmed.push('one'));
    await becomes('away');
    const second = broker.publish(messageFor(topic, 'two')).then(() => confirmed.push('two'));
    expect(confirmed).toEqual([]);
    resume();
    await Promise.all([first, second]);
    await broker.publish(messageFor(topic, 'three'));
    await log.count(3);
    expect(log.bodies).toEqual(['one', 'two', 'three']);
    expect(log.gaps).toEqual([]);
  });

  test('while it is away publishes are held up to a bound and refused beyond it', async () => {
    const comeBack = await keptAway();
    const held = Array.from({ length: 20_000 }, (_, i) => broker.publish(messageFor('/topic/other', `${i}`)));
    await expect(broker.publish(messageFor('/topic/other', 'too many'))).rejects.toThrow(BrokerRefusal);
    await comeBack();
    await Promise.all(held);
  });

  test('a message that was stored but got lost on the way is fetched, in its order', async () => {
    const start = await broker.watch(topic);
    await broker.publish(messageFor(topic, 'one'));
    await log.count(1);
    await storeUnheard();
    await broker.publish(messageFor(topic, 'three'));
    await log.count(3);
    expect(log.bodies).toEqual(['one', 'unheard', 'three']);
    expect(log.messages.map((message) => message.position?.offset)).toEqual([1, 2, 3]);
    expect(log.gaps).toEqual([]);
    expect((await broker.replay(topic, start ?? { epoch: '', offset: 0 })).recovered).toBe(true);
  });

  test('a replay brings nothing that this node has yet to pass on: a subscriber would get it twice', async () => {
    const start = await broker.watch(topic);
    await broker.publish(messageFor(topic, 'one'));
    await log.count(1);
    await storeUnheard();
    const replay = await broker.replay(topic, start ?? { epoch: '', offset: 0 });
    expect(replay.recovered ? replay.messages.map(({ body }) => body.toString()) : []).toEqual(['one', 'unheard']);
    // The router drops what subscribers were replayed only as long as they have not gone live.
    expect(log.bodies).toEqual(['one', 'unheard']);
  });

  test('what strangers send to a channel of ours reaches nobody and harms nothing', async () => {
    await broker.watch(topic);
    await behindTheirBacks((client) => client.publish(`cluster-chat:0:${topic}`, 'not ours'));
    await broker.publish(messageFor(topic, 'one'));
    await log.count(1);
    expect(log.bodies).toEqual(['one']);
    expect(log.gaps).toEqual([]);
  });

  test('a publish that Redis refuses is refused, with the reason, and the next ones pass', async () => {
    await behindTheirBacks((client) => client.config('SET', 'maxmemory', '1'));
    await expect(broker.publish(messageFor(topic, 'no room'))).rejects.toThrow('OOM');
    await behindTheirBacks((client) => client.config('SET', 'maxmemory', '0'));
    await broker.publish(messageFor(topic, 'room'));
    expect(broker.status).toBe('ready');
  });

  test('streams stay bounded', async () => {
    for (let i = 0; i < 3_000; i++) void broker.publish(messageFor(topic, `${i}`));
    await broker.publish(messageFor(topic, 'last'));
    await behindTheirBacks(async (client) => {
      expect(await client.xlen(`cluster-chat:stream:${topic}`)).toBeLessThan(1_200);
      expect(await client.ttl(`cluster-chat:stream:${topic}`)).toBeGreaterThan(0);
      expect(await client.ttl(place)).toBeGreaterThan(0);
    });
  });

  test('plain publish and subscribe says after a cut that something may be missing', async () => {
    const own = new EventLog();
    await using plain = await openThrough(link.port, own, '?mode=pubsub');
    await plain.watch(topic);
    link.cut();
    expect(await waitUntil(() => own.gaps.length > 0, { timeoutMs: 30_000 })).toBe(true);
    expect(own.gaps).toEqual([topic]);
    expect(await waitUntil(() => plain.status === 'ready', { timeoutMs: 30_000 })).toBe(true);
    await plain.publish(messageFor(topic, 'afterwards'));
    await own.count(1);
    expect(own.bodies).toEqual(['afterwards']);
  });
});
