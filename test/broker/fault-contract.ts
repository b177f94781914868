import { expect, test } from 'vitest';
import type { Broker } from '../../src/broker/broker.js';
import { waitUntil } from '../../src/core/clock.js';
import { messageFor } from './contract.js';
import { type FaultStage, type Kept, patience } from './fault-stage.js';

export interface BrokerUnderFaults {
  /** That of the test which runs, opened and ended by hooks of the suite. */
  readonly stage: () => FaultStage;
  /** What its server may have when it was killed and started again: a test for each. */
  readonly afterRestart: readonly Kept[];
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index}`);
}

/** Whether it promises that what was missed while its node was away comes afterwards. */
function keepsMissed({ guarantees }: Broker): boolean {
  return guarantees.history === 'bounded' || guarantees.whileAway === 'kept';
}

/**
 * What every broker does when its link or its server fails: what it confirmed is there once, and what it cannot
 * bring it tells as a gap. What it declares as guarantees decides which of the two is asked of it.
 */
export function testFaults({ stage, afterRestart }: BrokerUnderFaults): void {
  test('connections cut again and again lose nothing that is confirmed, repeat nothing and keep the order', async () => {
    const { broker, other, link, log, elsewhere, topic, connections } = stage();
    await Promise.all([broker.watch(topic), other.watch(topic)]);
    const all = numbers(900);
    const confirmed: Promise<void>[] = [];
    for (const text of all) {
      confirmed.push(broker.publish(messageFor(topic, text)));
      if (Number(text) % 300 !== 150) continue;
      // In the middle of what was just written, and at some distance from it.
      const heard = Number(text) - 100;
      await Promise.all([elsewhere.count(heard), keepsMissed(broker) && log.count(heard)]);
      await stage().cut();
    }
    await Promise.all(confirmed);
    await elsewhere.count(all.length);
    expect(elsewhere.bodies).toEqual(all);
    expect(elsewhere.gaps).toEqual([]);
    if (keepsMissed(broker)) await log.count(all.length);
    const own = new Set(log.bodies);
    expect(log.bodies).toEqual(keepsMissed(broker) ? all : all.filter((text) => own.has(text)));
    expect(new Set(log.gaps)).toEqual(new Set(keepsMissed(broker) ? [] : [topic]));
    expect(link.connections).toBeGreaterThanOrEqual(4 * connections);
  });

  test('a link that is lost while interest is taken up over it is followed by the next', async () => {
    const { broker, log, topic } = stage();
    const topics = Array.from({ length: 100 }, (_, index) => `${topic}.${index}`);
    await Promise.all(topics.map((each) => broker.watch(each)));
    await stage().cutWhileTakenUp();
    await stage().othersSay(['later'], topics.at(-1));
    expect(await waitUntil(() => log.bodies.at(-1) === 'later', patience)).toBe(true);
  });

  test('what others publish while a node is away comes afterwards, or the gap is told', async () => {
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    await stage().othersSay(['before']);
    await log.count(1);
    await stage().goesAway();
    const missed = [...numbers(500), 'meanwhile'];
    await stage().othersSay(missed);
    await stage().comesBack();
    const gaps = keepsMissed(broker) ? [] : [topic];
    expect(log.gaps).toEqual(gaps);
    const heard = ['before', ...(keepsMissed(broker) ? missed : [])];
    await log.count(heard.length);
    await stage().othersSay(['later']);
    await log.count(heard.length + 1);
    expect(log.bodies).toEqual([...heard, 'later']);
    expect(log.gaps).toEqual(gaps);
  });

  test('a server that is paused is noticed as away; what was held is there once afterwards', async () => {
    const { broker, log, server, topic } = stage();
    await broker.watch(topic);
    const goOn = await server.pause();
    const confirmed: string[] = [];
    const first = broker.publish(messageFor(topic, 'one')).then(() => confirmed.push('one'));
    await stage().becomes('away');
    const second = broker.publish(messageFor(topic, 'two')).then(() => confirmed.push('two'));
    expect(confirmed).toEqual([]);
    goOn();
    await Promise.all([first, second]);
    await broker.publish(messageFor(topic, 'three'));
    await log.count(3);
    expect(log.bodies).toEqual(['one', 'two', 'three']);
    expect(log.gaps).toEqual(keepsMissed(broker) ? [] : [topic]);
  });

  test.each(afterRestart)(
    'a server killed and started again with %s: all wait, and interest is in force before anything is published',
    async (kept) => {
      const { broker, other, link, log, server, topic } = stage();
      const keepsHistory = broker.guarantees.history === 'bounded';
      const start = await broker.watch(topic);
      await broker.publish(messageFor(topic, 'before'));
      await log.count(1);
      await server.kill();
      for (const each of [broker, other]) await stage().becomes('away', each);
      link.isBarred = true;
      await server.start(kept);
      // By itself, whatever the server answered while it started.
      await stage().becomes('ready', other);
      const settled: string[] = [];
      const tells = (name: string) => () => settled.push(name);
      const since = start ?? { epoch: '', offset: 0 };
      const waiting = [
        broker.publish(messageFor(topic, 'held')).then(tells('publish')),
        broker.replay(topic, since).then(({ recovered }) => ({ recovered })),
        broker.watch(topic).then(tells('watched before')),
        broker.watch(`${topic}.new`).then(tells('new')),
      ] as const;
      await stage().othersSay(['the server serves others'], `${topic}.other`);
      expect(settled).toEqual([]);
      await stage().comesBack();
      const [, replay] = await Promise.all(waiting);
      expect(settled).toHaveLength(3);
      expect(settled.at(-1)).toBe('publish');
      await log.count(2);
      expect(log.bodies).toEqual(['before', 'held']);
      expect(log.gaps).toEqual(kept === 'everything' ? [] : [topic]);
      const recovered = keepsHistory && kept === 'everything';
      expect(replay).toEqual({ recovered });
      expect((await broker.replay(topic, since)).recovered).toBe(recovered);
      if (!keepsHistory) return;
      const position = log.messages[1]?.position;
      expect(position?.epoch === start?.epoch).toBe(recovered);
      expect(position?.offset).toBe(recovered ? 2 : 1);
    },
  );
}
