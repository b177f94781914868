import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Canaries } from '../../src/client/canaries.js';
import { Probe } from '../../src/client/probe.js';
import { createSubscription, type Subscription } from '../../src/client/subscription.js';
import { emptyTally } from '../../src/client/tally.js';
import { nowMicros } from '../../src/core/clock.js';
import { createRandom } from '../../src/core/random.js';
import { createRecorder } from '../../src/record/recorder.js';
import { emptyReading, readStamp } from '../../src/record/stamp.js';
import { ScriptedConnection, scriptedWorld } from './scripted-engine.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Canaries through one origin to some destinations, each with so many subscribers in the whole run. */
function worldWith(destinations: number, subscribersEach: number) {
  const { connections, profile } = scriptedWorld();
  const target = { url: 'ws://scripted', headers: {}, host: '/', login: undefined, passcode: undefined };
  const options = { ...target, heartbeat: { sendMs: 0, wantMs: 0 }, connectTimeoutMs: 1000 };
  const probe = new Probe(profile.engine, options, createRandom(1));
  const [recorder, tally] = [createRecorder(), emptyTally()];
  const names = Array.from({ length: destinations }, (_, index) => `/topic/${index}`);
  const canaries = new Canaries({
    plan: { runId: 'r', nodes: ['node-1'], destinations: names, clients: [] },
    ...{ probes: [probe], runNumber: 1, recorder, tally, worker: 0, share: 1 },
    subscriberCounts: names.map(() => subscribersEach),
  });
  probe.start();
  const origin = connections[0] as ScriptedConnection;
  origin.connect();
  const connection = new ScriptedConnection({ ...options, events: origin.events });
  connection.isOpen = true;
  /** A subscription that was reached by the origin before. */
  const listen = (destination: number, client = 0): Subscription => {
    const subscription = createSubscription(client, 0, destination);
    subscription.fencedFrom = 1;
    canaries.expects(subscription, connection, 1, nowMicros());
    vi.advanceTimersByTime(10);
    subscription.heardAtMicros = nowMicros();
    return subscription;
  };
  const hear = (subscription: Subscription, sent: { body: Buffer } | undefined): void => {
    const reading = emptyReading();
    expect(readStamp(sent?.body ?? Buffer.alloc(0), reading)).toBeUndefined();
    subscription.heardAtMicros = nowMicros();
    canaries.arrived(subscription, reading, nowMicros());
  };
  /** Goes on while heart-beats come. */
  const live = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 100) {
      vi.advanceTimersByTime(100);
      connection.lastByteAtMicros = nowMicros();
    }
  };
  const facts = () => recorder.take().sessions.map(({ type }) => type);
  return { canaries, origin, connection, recorder, tally, listen, hear, live, facts };
}

const seconds = (count: number): number => count * 1000;

test('a subscription that a confirmed canary passed by is silent once a byte came on its connection afterwards', () => {
  const { canaries, origin, recorder, listen, live } = worldWith(1, 1);
  const subscription = listen(0);
  const sinceMicros = Math.floor(subscription.heardAtMicros);
  canaries.start();
  live(500);
  expect(origin.sent[0]).toMatchObject({ destination: '/topic/0', receiptId: 'c1' });
  origin.receipt('c1');
  live(seconds(4));
  expect(recorder.take().sessions).toMatchObject([
    { type: 'subscription-silent', client: 0, session: 1, destination: 0, sinceMicros },
  ]);
  canaries.close();
});

test('on a connection on which no byte comes nothing is said of its subscriptions', () => {
  const { canaries, origin, listen, facts } = worldWith(1, 1);
  listen(0);
  canaries.start();
  vi.advanceTimersByTime(500);
  origin.receipt('c1');
  vi.advanceTimersByTime(seconds(10));
  expect(facts()).toEqual([]);
  canaries.close();
});

test('a canary that nobody confirmed and nobody has accuses nobody; one that a neighbour has does', () => {
  const { canaries, origin, listen, hear, live, facts } = worldWith(1, 2);
  const [neighbour] = [listen(0, 0), listen(0, 1)];
  canaries.start();
  live(seconds(1));
  live(seconds(5));
  expect(facts()).toEqual([]);
  hear(neighbour as Subscription, origin.sent.at(-1));
  live(seconds(4));
  expect(facts()).toEqual(['subscription-silent']);
  canaries.close();
});

test('a canary of another worker, whose clock may be another one, accuses nobody', () => {
  const { canaries, listen, live, facts } = worldWith(1, 2);
  const neighbour = listen(0, 0);
  listen(0, 1);
  canaries.start();
  const aheadMicros = nowMicros() + 5_000_000;
  canaries.arrived(neighbour, { ...emptyReading(), kind: 'c', epoch: 1, writtenAtMicros: aheadMicros }, nowMicros());
  live(seconds(10));
  expect(facts()).toEqual([]);
  canaries.close();
});

test('a canary from a node whose messages never reached the subscription accuses it of nothing', () => {
  const { canaries, origin, listen, live, facts } = worldWith(1, 1);
  listen(0).fencedFrom = 0;
  canaries.start();
  live(500);
  origin.receipt('c1');
  live(seconds(5));
  expect(facts()).toEqual([]);
  canaries.close();
});

test('when the canary itself comes after all it was late; when only a later one comes it was lost', () => {
  for (const [arriving, delayed] of [
    [0, true],
    [-1, false],
  ] as const) {
    const { canaries, origin, recorder, listen, hear, live } = worldWith(1, 1);
    const subscription = listen(0);
    canaries.start();
    live(500);
    origin.receipt('c1');
    live(seconds(5));
    hear(subscription, origin.sent.at(arriving));
    expect(recorder.take().sessions).toMatchObject([
      { type: 'subscription-silent' },
      { type: 'subscription-heard', delayed },
    ]);
    canaries.close();
  }
});

test('nothing is said of a subscription that ended', () => {
  const { canaries, origin, listen, live, facts } = worldWith(1, 1);
  const subscription = listen(0);
  canaries.start();
  live(500);
  origin.receipt('c1');
  canaries.gone(subscription);
  live(seconds(5));
  expect(facts()).toEqual([]);
  canaries.close();
});

test('five hundred rooms of twenty get all their canaries in turn, five hundred deliveries a second', () => {
  const { canaries, origin, tally, listen, live } = worldWith(500, 20);
  for (let destination = 0; destination < 500; destination++) listen(destination);
  canaries.start();
  live(seconds(20));
  const deliveriesPerSecond = (tally.canariesSent * 20) / 20;
  expect(deliveriesPerSecond).toBeGreaterThan(450);
  expect(deliveriesPerSecond).toBeLessThan(600);
  expect(new Set(origin.sent.map(({ destination }) => destination)).size).toBeGreaterThan(450);
  canaries.close();
});

test('one room of ten thousand pays its canary back before the next', () => {
  const { canaries, tally, listen, live } = worldWith(1, 10_000);
  listen(0);
  canaries.start();
  live(seconds(60));
  expect(tally.canariesSent).toBeLessThanOrEqual(4);
  expect(tally.canariesSent).toBeGreaterThanOrEqual(3);
  canaries.close();
});
