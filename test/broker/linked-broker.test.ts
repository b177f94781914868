import { afterEach, expect, test } from 'vitest';
import type { BrokerEvents, BrokerMessage, Position, Replay } from '../../src/broker/broker.js';
import type { BrokerLink, LinkEvents } from '../../src/broker/broker-link.js';
import { LinkedBroker } from '../../src/broker/linked-broker.js';
import { waitUntil } from '../../src/core/clock.js';
import { type Deferred, deferred } from '../../src/core/deferred.js';
import { EventLog, messageFor } from './contract.js';

const topic = '/topic/linked';

/** A server whose every answer is given by the test: the order of answers is what matters here. */
class ScriptedLink implements BrokerLink {
  readonly events: LinkEvents;
  readonly published: string[] = [];
  readonly follows: (Deferred<Replay> & { readonly since: Position | undefined })[] = [];

  constructor(events: LinkEvents) {
    this.events = events;
  }

  publish(message: Omit<BrokerMessage, 'position'>): void {
    this.published.push(message.body.toString());
  }

  follow(_destination: string, since: Position | undefined): Promise<Replay> {
    const answer = deferred<Replay>();
    this.follows.push({ ...answer, since });
    return answer.promise;
  }

  unfollow(): void {}

  async replay(_destination: string, since: Position): Promise<Replay> {
    return { recovered: true, messages: [], position: since };
  }

  destroy(cause: Error): void {
    this.events.closed(cause);
  }

  end(): void {}
}

const links: ScriptedLink[] = [];
const log = new EventLog();
let broker: LinkedBroker;
afterEach(() => broker[Symbol.asyncDispose]());

function stored(offset: number): BrokerMessage {
  return { ...messageFor(topic, `${offset}`), position: { epoch: 'e', offset } };
}

function replayOf(...offsets: number[]): Replay {
  const position = { epoch: 'e', offset: offsets.at(-1) ?? 0 };
  return { recovered: true, messages: offsets.map(stored), position };
}

function linkAt(index: number): ScriptedLink {
  const link = links.at(index);
  if (link === undefined) throw new Error(`there are only ${links.length} links`);
  return link;
}

function openScripted(events: BrokerEvents): Promise<LinkedBroker> {
  return LinkedBroker.open(
    {
      kind: 'scripted',
      guarantees: { delivery: 'at-least-once', order: 'per-publisher', history: 'bounded', reach: 'cluster' },
      shown: 'scripted',
      openLink: async (linkEvents) => {
        const link = new ScriptedLink(linkEvents);
        links.push(link);
        return link;
      },
    },
    events,
  );
}

test('over a new link what was missed comes first, then what came meanwhile, and only then what was held is sent', async () => {
  broker = await openScripted(log);
  const watching = broker.watch(topic);
  linkAt(0).events.message(stored(1));
  linkAt(0).follows[0]?.resolve(replayOf());
  expect(await watching).toEqual({ epoch: 'e', offset: 0 });
  await log.count(1);

  linkAt(0).destroy(new Error('cut'));
  expect(broker.status).toBe('away');
  void broker.publish(messageFor(topic, 'held')).catch(() => {});
  expect(await waitUntil(() => links[1]?.follows.length === 1, { timeoutMs: 30_000 })).toBe(true);
  const next = linkAt(1);
  expect(next.follows[0]?.since).toEqual({ epoch: 'e', offset: 1 });
  next.events.message(stored(3));
  next.events.message(stored(4));
  expect(log.bodies).toEqual(['1']);
  expect(next.published).toEqual([]);
  expect(broker.status).toBe('away');
  next.follows[0]?.resolve(replayOf(2, 3));
  expect(await waitUntil(() => broker.status === 'ready', { timeoutMs: 30_000 })).toBe(true);
  // Nothing comes after 4 that could show that it was lost.
  expect(log.bodies).toEqual(['1', '2', '3', '4']);
  expect(next.published).toEqual(['held']);
  expect(log.gaps).toEqual([]);
});

test('what comes for a destination that nobody watches any more has come all the same', async () => {
  links.length = 0;
  const [heard, unwanted] = [new EventLog(), [] as string[]];
  const events = {
    message: (message: BrokerMessage) => heard.message(message),
    gap: () => {},
    unwanted: (body: Buffer) => void unwanted.push(body.toString()),
  };
  broker = await openScripted(events);
  const watching = broker.watch(topic);
  linkAt(0).follows[0]?.resolve(replayOf());
  await watching;
  broker.unwatch(topic);
  linkAt(0).events.message(stored(1));
  expect(unwanted).toEqual(['1']);
  expect(heard.messages).toEqual([]);
});

test('after a server has forgotten a place, what it sends from a new one is told as a gap and comes all the same', async () => {
  links.length = 0;
  const heard = new EventLog();
  broker = await openScripted(heard);
  const watching = broker.watch(topic);
  const link = linkAt(0);
  link.follows[0]?.resolve(replayOf());
  await watching;
  const fresh = (offset: number) => ({ ...messageFor(topic, `new ${offset}`), position: { epoch: 'new', offset } });
  link.events.message(fresh(2));
  link.events.message(fresh(3));
  link.follows[1]?.resolve({ recovered: false, position: { epoch: 'new', offset: 3 } });
  await heard.count(2);
  link.events.message(fresh(4));
  await heard.count(3);
  expect(heard.bodies).toEqual(['new 2', 'new 3', 'new 4']);
  expect(heard.gaps).toEqual([topic]);
});
