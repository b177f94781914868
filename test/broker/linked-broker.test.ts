import { afterEach, expect, test } from 'vitest';
import type { BrokerMessage, Position, Replay } from '../../src/broker/broker.js';
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

test('over a new link what was missed comes first, then what came meanwhile, and only then what was held is sent', async () => {
  broker = await LinkedBroker.open(
    {
      kind: 'scripted',
      guarantees: { delivery: 'at-least-once', order: 'per-publisher', history: 'bounded', reach: 'cluster' },
      shown: 'scripted',
      openLink: async (events) => {
        const link = new ScriptedLink(events);
        links.push(link);
        return link;
      },
    },
    log,
  );
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
