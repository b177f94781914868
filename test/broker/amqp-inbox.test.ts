import { connect } from 'amqplib';
import { describe, expect, test } from 'vitest';
import { openAmqpBroker } from '../../src/broker/amqp-broker.js';
import { openAmqp } from '../../src/broker/amqp-connection.js';
import { AmqpInbox } from '../../src/broker/amqp-inbox.js';
import { directExchange } from '../../src/broker/amqp-names.js';
import { AmqpNode, defaultInboxLimits, type InboxLimits } from '../../src/broker/amqp-node.js';
import { parseServerUrl } from '../../src/broker/server-url.js';
import { waitUntil } from '../../src/core/clock.js';
import { forEachTest, forSuite } from '../services/lifetime.js';
import { startRabbitmq } from '../services/rabbitmq-server.js';
import { requireService } from '../services/require-service.js';
import { patience } from './fault-stage.js';
import { amqpStage, maxWaitMs } from './server-stages.js';

function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `${from + index}`);
}

describe.runIf(requireService('rabbitmq-server', 'rabbitmq-server'))('the inbox of a node on RabbitMQ', () => {
  const rabbitmq = forSuite(startRabbitmq);
  const stage = forEachTest(() => amqpStage(rabbitmq()));

  /** In place of the node of this test, one with other limits. */
  async function reopen(limits: Partial<InboxLimits>): Promise<void> {
    await stage().reopen((port, events) => {
      const url = new URL(`amqp://${rabbitmq().login}:${rabbitmq().passcode}@127.0.0.1:${port}`);
      return openAmqpBroker(url, events, { maxWaitMs, limits: { ...defaultInboxLimits, ...limits } });
    });
  }

  /** The queue of RabbitMQ that is bound to the topic of this test. */
  async function inboxName(): Promise<string> {
    const bindings = await rabbitmq().ctl('list_bindings', 'destination_name', 'routing_key');
    const name = bindings.map((line) => line.split('\t')).find(([, key]) => key === stage().topic)?.[0];
    if (name === undefined) throw new Error(`nothing is bound to ${stage().topic}`);
    return name;
  }

  /** Resolves when RabbitMQ has neither the inbox nor the queue for what it had no room for. */
  async function isGone(inbox: string): Promise<void> {
    const isSo = async () => !(await rabbitmq().ctl('list_queues', 'name')).some((name) => name.startsWith(inbox));
    expect(await waitUntil(isSo, patience)).toBe(true);
  }

  test('keeps as much as a node is promised', async () => {
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    await stage().goesAway();
    // One place is the marker's.
    await stage().othersSay(numbers(defaultInboxLimits.maxMessages - 1));
    await stage().comesBack();
    await log.count(defaultInboxLimits.maxMessages - 1);
    expect(log.bodies).toEqual(numbers(defaultInboxLimits.maxMessages - 1));
    expect(log.gaps).toEqual([]);
  });

  test('loses and repeats nothing of a stream that goes on while the link is cut again and again', async () => {
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    for (let round = 0; round < 5; round++) {
      const saying = stage().othersSay(numbers(400, round * 400));
      await log.count(round * 400 + 20);
      // With deliveries and acknowledgements on their way.
      await stage().goesAway();
      await saying;
      await stage().comesBack();
      await log.count((round + 1) * 400);
    }
    await stage().othersSay(['last']);
    await log.count(2_001);
    expect(log.bodies).toEqual([...numbers(2_000), 'last']);
    expect(log.gaps).toEqual([]);
  });

  test('is whole for a node whose change of marker RabbitMQ did not hear of', async () => {
    const { link } = stage();
    const at = new URL(`amqp://${rabbitmq().login}:${rabbitmq().passcode}@127.0.0.1:${link.port}`);
    const server = parseServerUrl(at, { plainPort: 5672, tlsProtocol: 'amqps:', tlsPort: 5671, parameters: {} });
    const node = new AmqpNode(defaultInboxLimits);
    let losses = 0;
    const open = () =>
      openAmqp(server, async ({ inbox, model }) => {
        model.on('error', () => {});
        await AmqpInbox.open(inbox, node, { message: () => {}, lost: () => losses++, failed: () => {} });
      });
    const straight = await connect(rabbitmq().amqpUrl);
    straight.on('error', () => {});
    const channel = await straight.createChannel();
    await open();
    // RabbitMQ gives up who is silent for some seconds.
    link.mute();
    const marker = node.nextMarker();
    channel.publish(directExchange, node.inbox, Buffer.from(`${marker}`));
    expect(await waitUntil(() => node.heldMarker === marker, patience)).toBe(true);
    link.cut();
    const isOpenAgain = () =>
      open().then(
        () => true,
        () => false,
      );
    expect(await waitUntil(isOpenAgain, patience)).toBe(true);
    expect(losses).toBe(0);
    await straight.close();
  });

  test('waits until RabbitMQ has noticed the end of the last connection, which may hold messages', async () => {
    const { broker, link, log, topic } = stage();
    await broker.watch(topic);
    link.stall();
    await stage().othersSay(numbers(50));
    const before = link.connections;
    link.cutNearEnd();
    await stage().becomes('away');
    // They go on while the node has a new connection and RabbitMQ still counts on the old one.
    let count = 50;
    const isBack = async () => {
      await stage().othersSay([`${count++}`]);
      return broker.status === 'ready';
    };
    expect(await waitUntil(isBack, { timeoutMs: 30_000, everyMs: 20 })).toBe(true);
    await log.count(count);
    // At least once RabbitMQ said that the inbox was in use.
    expect(link.connections - before).toBeGreaterThan(1);
    expect(log.bodies).toEqual(numbers(count));
    expect(log.gaps).toEqual([]);
  });

  test('that overflows while the link is away gives the youngest and reports a gap', async () => {
    await reopen({ maxMessages: 100 });
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    await stage().goesAway();
    await stage().othersSay(numbers(300));
    const seenAtGap: number[] = [];
    log.gap = (destination) => {
      log.gaps.push(destination);
      seenAtGap.push(log.messages.length);
    };
    await stage().comesBack();
    await log.count(1);
    expect(log.gaps).toEqual([topic]);
    // Before whatever came after the hole.
    expect(seenAtGap).toEqual([0]);
    await stage().othersSay(['after']);
    expect(await waitUntil(() => log.bodies.at(-1) === 'after', { timeoutMs: 30_000 })).toBe(true);
    // The node's new marker took a place as well.
    expect([numbers(99, 201), numbers(100, 200)]).toContainEqual(log.bodies.slice(0, -1));
    expect(log.gaps).toEqual([topic]);
  });

  test('that overflows by bytes reports a gap, too', async () => {
    await reopen({ maxBytes: 100_000 });
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    await stage().goesAway();
    await stage().othersSay(numbers(20).map((text) => text.repeat(10_000)));
    await stage().comesBack();
    expect(log.gaps).toEqual([topic]);
  });

  test('that overflows while the link lives, but lets nothing through, reports a gap', async () => {
    await reopen({ maxMessages: 100 });
    const { broker, link, log, topic } = stage();
    await broker.watch(topic);
    const goOn = link.stall();
    // RabbitMQ sends 2,000 ahead.
    await stage().othersSay(numbers(2_500));
    goOn();
    await stage().othersSay(['after']);
    expect(await waitUntil(() => log.bodies.at(-1) === 'after', { timeoutMs: 30_000 })).toBe(true);
    expect(await waitUntil(() => log.gaps.length > 0, { timeoutMs: 30_000 })).toBe(true);
    expect(log.bodies.length).toBeLessThan(2_501);
  });

  test('goes after a time when its node does not come back; one that comes later learns of the gap', async () => {
    await reopen({ expiresMs: 5_000 });
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    const inbox = await inboxName();
    await stage().goesAway();
    await stage().othersSay(['missed']);
    await isGone(inbox);
    await stage().comesBack();
    expect(log.gaps).toEqual([topic]);
    await stage().othersSay(['after']);
    await log.count(1);
    expect(log.bodies).toEqual(['after']);
  });

  test('goes at once with a node that is closed', async () => {
    const { broker, topic } = stage();
    await broker.watch(topic);
    const inbox = await inboxName();
    await broker[Symbol.asyncDispose]();
    await isGone(inbox);
  });

  test('that somebody deletes is made again, and the gap reported', async () => {
    const { broker, log, topic } = stage();
    await broker.watch(topic);
    await rabbitmq().ctl('delete_queue', await inboxName());
    expect(await waitUntil(() => log.gaps.length === 1, { timeoutMs: 30_000 })).toBe(true);
    await stage().becomes('ready');
    await stage().othersSay(['after']);
    await log.count(1);
    expect(log.bodies).toEqual(['after']);
    expect(log.gaps).toEqual([topic]);
  });

  test('is no longer sent what nobody on the node wants, though that ended while the link was away', async () => {
    const { broker, topic } = stage();
    await broker.watch(topic);
    await stage().goesAway();
    broker.unwatch(topic);
    await stage().comesBack();
    const isBound = async () => (await rabbitmq().ctl('list_bindings', 'routing_key')).includes(topic);
    expect(await waitUntil(async () => !(await isBound()), patience)).toBe(true);
  });
});
