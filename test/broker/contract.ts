import { describe, expect, test } from 'vitest';
import type { Broker, BrokerEvents, BrokerMessage, Guarantees } from '../../src/broker/broker.js';
import { FrameHeaders } from '../../src/stomp/frame.js';

/** What a broker told its router. */
export class EventLog implements BrokerEvents {
  readonly messages: BrokerMessage[] = [];
  readonly gaps: string[] = [];
  #wakeUps: (() => void)[] = [];

  message(message: BrokerMessage): void {
    this.messages.push({ ...message, body: Buffer.from(message.body) });
    for (const wakeUp of this.#wakeUps.splice(0)) wakeUp();
  }

  gap(destination: string): void {
    this.gaps.push(destination);
  }

  get bodies(): string[] {
    return this.messages.map((message) => message.body.toString());
  }

  /** Resolves when so many messages have come; the test's own time limit bounds the wait. */
  async count(wanted: number): Promise<void> {
    while (this.messages.length < wanted) await new Promise<void>((resolve) => this.#wakeUps.push(resolve));
  }
}

let publishes = 0;

/** A message with an id that increases, as a node gives it. */
export function messageFor(destination: string, body: string, headers: Record<string, string> = {}) {
  return { destination, id: `contract:${++publishes}`, headers: FrameHeaders.of(headers), body: Buffer.from(body) };
}

export interface BrokerUnderTest {
  readonly title: string;
  /** What it must declare. */
  readonly guarantees: Guarantees;
  /** Another connection to the same broker at every call. */
  readonly open: (events: BrokerEvents) => Promise<Broker>;
}

/** The suite that every broker passes; what it does not declare is not asked of it. */
export function testBrokerContract({ title, guarantees, open }: BrokerUnderTest): void {
  const keepsHistory = guarantees.history === 'bounded';
  let topics = 0;
  const newTopic = () => `/topic/contract.${title.replace(/\W/g, '')}.${++topics}`;

  describe(title, () => {
    test('declares its guarantees and is ready when it is open', async () => {
      await using broker = await open(new EventLog());
      expect(broker.guarantees).toEqual(guarantees);
      expect(broker.status).toBe('ready');
    });

    test('brings a message back whole: destination, id, headers in their order, body', async () => {
      const log = new EventLog();
      await using broker = await open(log);
      const topic = newTopic();
      await broker.watch(topic);
      const body = Buffer.from([0, 10, 13, 58, 92, 255, 0]);
      const headers = new FrameHeaders(['b', '2', 'a\n:\\\r', 'ü\n:\\\r', 'b', 'again', '__proto__', 'x']);
      await broker.publish({ ...messageFor(topic, ''), headers, body, id: `contract:${++publishes}` });
      await log.count(1);
      const [message] = log.messages;
      expect(message?.destination).toBe(topic);
      expect(message?.id).toBe(`contract:${publishes}`);
      expect([...(message?.headers ?? [])]).toEqual([...headers]);
      expect(message?.body.equals(body)).toBe(true);
    });

    test('keeps the order of one publisher, and positions are dense where there is history', async () => {
      const log = new EventLog();
      await using broker = await open(log);
      const topic = newTopic();
      const start = await broker.watch(topic);
      const numbers = Array.from({ length: 300 }, (_, index) => `${index}`);
      await Promise.all(numbers.map((text) => broker.publish(messageFor(topic, text))));
      await log.count(300);
      expect(log.bodies).toEqual(numbers);
      const offsets = log.messages.map((message) => message.position?.offset);
      if (keepsHistory) expect(offsets).toEqual(numbers.map((_, index) => (start?.offset ?? 0) + index + 1));
      else expect(start).toBeUndefined();
    });

    test('brings nothing of a destination that is not, or no longer, watched', async () => {
      const log = new EventLog();
      await using broker = await open(log);
      const [watched, left, never] = [newTopic(), newTopic(), newTopic()];
      await broker.watch(watched);
      await broker.watch(left);
      broker.unwatch(left);
      for (const topic of [left, never, watched]) await broker.publish(messageFor(topic, topic));
      await log.count(1);
      expect(log.bodies).toEqual([watched]);
    });

    test('may be asked again for a destination that is watched, and brings each message once', async () => {
      const log = new EventLog();
      await using broker = await open(log);
      const topic = newTopic();
      await Promise.all([broker.watch(topic), broker.watch(topic), broker.watch(topic)]);
      await broker.publish(messageFor(topic, 'one'));
      await log.count(1);
      const again = await broker.watch(topic);
      if (keepsHistory) expect(again).toEqual(log.messages[0]?.position);
      await broker.publish(messageFor(topic, 'two'));
      await log.count(2);
      expect(log.bodies).toEqual(['one', 'two']);
    });

    test('lets an interest end before it is in force, without an error', async () => {
      await using broker = await open(new EventLog());
      const topic = newTopic();
      const waiting = broker.watch(topic);
      broker.unwatch(topic);
      await waiting;
      await broker.watch(topic);
    });

    test('knows a repeated publish by its id: confirmed again, brought once', async () => {
      const log = new EventLog();
      await using broker = await open(log);
      const topic = newTopic();
      await broker.watch(topic);
      const message = messageFor(topic, 'one');
      await broker.publish(message);
      await broker.publish(message);
      await broker.publish(messageFor(topic, 'two'));
      await log.count(2);
      expect(log.bodies).toEqual(['one', 'two']);
    });

    test('refuses what is published or asked after it was closed', async () => {
      const broker = await open(new EventLog());
      await broker[Symbol.asyncDispose]();
      expect(broker.status).toBe('closed');
      await expect(broker.publish(messageFor(newTopic(), ''))).rejects.toThrow();
    });

    test.runIf(keepsHistory)('replays exactly what came after a position', async () => {
      const log = new EventLog();
      await using broker = await open(log);
      const topic = newTopic();
      const start = await broker.watch(topic);
      for (const text of ['one', 'two', 'three']) await broker.publish(messageFor(topic, text, { text }));
      await log.count(3);
      if (start === undefined) throw new Error('a broker with history tells where an interest begins');
      for (let seen = 0; seen <= 3; seen++) {
        const replay = await broker.replay(topic, { epoch: start.epoch, offset: start.offset + seen });
        expect(replay.recovered).toBe(true);
        const messages = replay.recovered ? replay.messages : [];
        expect(messages.map((message) => message.body.toString())).toEqual(['one', 'two', 'three'].slice(seen));
        expect(messages.map((message) => message.headers.get('text'))).toEqual(['one', 'two', 'three'].slice(seen));
        expect(replay.position).toEqual(log.messages[2]?.position);
      }
    });

    test.runIf(keepsHistory)(
      'replays nothing for another epoch, a future position, or what is no longer kept',
      async () => {
        const log = new EventLog();
        await using broker = await open(log);
        const topic = newTopic();
        const start = await broker.watch(topic);
        const epoch = start?.epoch ?? '';
        expect((await broker.replay(topic, { epoch: 'another', offset: 0 })).recovered).toBe(false);
        expect((await broker.replay(topic, { epoch, offset: 1 })).recovered).toBe(false);
        for (let i = 0; i < 1_001; i++) void broker.publish(messageFor(topic, `${i}`));
        await log.count(1_001);
        expect((await broker.replay(topic, { epoch, offset: 0 })).recovered).toBe(false);
        const all = await broker.replay(topic, { epoch, offset: 1 });
        expect(all.recovered ? all.messages.length : 0).toBe(1_000);
      },
    );

    test.runIf(guarantees.reach === 'cluster')('brings a message to the other nodes', async () => {
      const log = new EventLog();
      await using here = await open(new EventLog());
      await using there = await open(log);
      const topic = newTopic();
      await there.watch(topic);
      await here.publish(messageFor(topic, 'hello'));
      await log.count(1);
      expect(log.bodies).toEqual(['hello']);
    });

    test.runIf(guarantees.reach === 'node')('reaches nobody else', async () => {
      const log = new EventLog();
      await using here = await open(new EventLog());
      await using there = await open(log);
      const topic = newTopic();
      await there.watch(topic);
      await here.publish(messageFor(topic, 'hello'));
      await there.publish(messageFor(topic, 'own'));
      await log.count(1);
      expect(log.bodies).toEqual(['own']);
    });
  });
}
