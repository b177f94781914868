import { describe, expect, it } from 'vitest';
import type { FaultFact } from '../../src/record/account.js';
import type { Plan } from '../../src/record/history.js';
import { causes } from '../../src/record/result.js';
import { accountOf, createHistoryWriter, type HistoryWriter, type MessageId } from './history-writer.js';

/** Client 0 sends at node 0; clients 1 and 2 listen at node 1, clients 3 and 4 at node 0. */
const plan: Plan = {
  ...{ runId: 'deadbeef', nodes: ['node-1', 'node-2'], destinations: ['/topic/0'] },
  clients: [0, 1, 2, 3, 4].map((client) => ({
    ...{ subscribes: client === 0 ? [] : [0], publishes: client === 0 ? [0] : [], recovers: true },
  })),
};
const [first, second]: readonly MessageId[] = [
  [0, 1, 0, 1],
  [0, 1, 0, 2],
];

function online(nodes: readonly number[] = [0, 1, 1, 0, 0]): HistoryWriter {
  return createHistoryWriter().everybodyOnline(plan, (client) => nodes[client] ?? -1);
}

function missing(history: HistoryWriter, faults: readonly FaultFact[] = []) {
  const { missingByCause, missingExamples, delivery } = accountOf(plan, history.take(), { faults });
  expect(missingExamples).toHaveLength(delivery.missing);
  return missingByCause;
}

/** `first` arrives everywhere but at the given clients. */
function without(history: HistoryWriter, lost: readonly number[]): HistoryWriter {
  history.sent(first as MessageId, 100);
  for (const client of [1, 2, 3, 4]) if (!lost.includes(client)) history.arrived(client, 1, first as MessageId, 102);
  return history;
}

describe('the cause of a missing delivery', () => {
  it('not-subscribed: it was committed while the subscriber was away', () => {
    const history = online().closed(1, 1, 50).opened(1, 2, 0, 150).subscribed(1, 2, 0, 151, 152);
    expect(missing(without(history, [1]))).toEqual({ 'not-subscribed': 1 });
  });

  it('subscription-race: between SUBSCRIBE and its confirmation', () => {
    const history = online().closed(1, 1, 50).opened(1, 2, 0, 90).subscribed(1, 2, 0, 99, 101.5);
    expect(missing(without(history, [1]))).toEqual({ 'subscription-race': 1 });
  });

  it('slow-consumer: the server closed the session with 4500', () => {
    expect(missing(without(online(), [1]).closed(1, 1, 60_000, { code: 4500 }))).toEqual({ 'slow-consumer': 1 });
  });

  it.each([1008, 1013])('slow-consumer: the server closed the session with %i after a receive stall', (code) => {
    const stalled = { code, lastByteMs: 58_000 };
    expect(missing(without(online(), [1]).closed(1, 1, 60_000, stalled))).toEqual({ 'slow-consumer': 1 });
    const unread = { code, unreadMs: 8000 };
    expect(missing(without(online(), [1]).closed(1, 1, 60_000, unread))).toEqual({ 'slow-consumer': 1 });
    // To one that read it may be said for many reasons.
    expect(missing(without(online(), [1]).closed(1, 1, 60_000, { code }))).toEqual({ 'never-relayed': 1 });
    expect(missing(without(online(), [1]).closed(1, 1, 200, { code }))).toEqual({ 'in-flight': 1 });
  });

  it('slow-consumer at the edge of a session is inferred unless the code says so by itself', () => {
    const inferred = (code: number) => {
      const history = without(online(), [1]).closed(1, 1, 2000, { code, lastByteMs: 50 });
      const { missingByCause, inferredByCause } = accountOf(plan, history.take());
      expect(missingByCause).toEqual({ 'slow-consumer': 1 });
      return inferredByCause;
    };
    expect(inferred(4500)).toEqual({});
    expect(inferred(1013)).toEqual({ 'slow-consumer': 1 });
  });

  it('no slow-consumer where a later message still came on the same connection', () => {
    const history = without(online(), [1]).closed(1, 1, 60_000, { code: 4500 });
    for (const client of [1, 2, 3, 4]) history.arrived(client, 1, second as MessageId, 202);
    expect(missing(history.sent(second as MessageId, 200))).toEqual({ 'never-relayed': 1 });
  });

  it('origin-died: its node died within the interval and nobody ever saw the message', () => {
    const fault = { node: 0, atMicros: 101_000, killed: true };
    const history = without(online(), [1, 2, 3, 4]);
    for (const client of [3, 4]) history.closed(client, 1, 102);
    expect(missing(history, [fault])).toEqual({ 'origin-died': 4 });
    expect(missing(without(online(), [1, 2, 3, 4]), [{ ...fault, node: 1 }])).toEqual({ 'broker-gap': 4 });
    expect(missing(without(online(), [1, 2, 3, 4]), [{ ...fault, killed: false }])).toEqual({ 'broker-gap': 4 });
    expect(missing(without(online(), [1, 2, 3, 4]), [{ ...fault, atMicros: 99_000 }])).toEqual({ 'broker-gap': 4 });
  });

  it('origin-died: also when it was accepted between the order to kill and the end of the process', () => {
    const fault = { node: 0, atMicros: 90_000, killed: true };
    expect(missing(without(online(), [1, 2, 3, 4]), [{ ...fault, goneAtMicros: 110_000 }])).toEqual({
      'origin-died': 4,
    });
    expect(missing(without(online(), [1, 2, 3, 4]), [{ ...fault, goneAtMicros: 99_999 }])).toEqual({ 'broker-gap': 4 });
  });

  it('broker-gap: others got it, no subscriber on that node did', () => {
    expect(missing(without(online(), [1, 2]))).toEqual({ 'broker-gap': 2 });
  });

  it('never-relayed: some on the node got it, this one did not, and its session lived', () => {
    expect(missing(without(online(), [1]))).toEqual({ 'never-relayed': 1 });
  });

  it('in-flight: the session was lost right after, others on the node got it', () => {
    expect(missing(without(online(), [1]).closed(1, 1, 200))).toEqual({ 'in-flight': 1 });
  });

  it('broker-gap: the server ended the sessions to tell of it, soon after', () => {
    const told = without(online(), [1, 2]).closed(1, 1, 200, { code: 4501 }).closed(2, 1, 200, { code: 4501 });
    expect(missing(told)).toEqual({ 'broker-gap': 2 });
    // Nobody got it: one that was told of a gap, on another node than the origin, is witness enough.
    const lost = without(online([0, 1, 0, 0, 0]), [1, 2, 3, 4]).closed(1, 1, 200, { code: 4501 });
    for (const client of [2, 3, 4]) lost.closed(client, 1, 200);
    expect(missing(lost)).toEqual({ 'broker-gap': 1, 'in-flight': 3 });
    // What came to others of its node came after its session had ended.
    expect(missing(without(online(), [1]).closed(1, 1, 200, { code: 4501 }))).toEqual({ 'in-flight': 1 });
  });

  it('no in-flight where a later message still came on the connection that died', () => {
    const history = without(online(), [1])
      .sent(second as MessageId, 150)
      .closed(1, 1, 200);
    for (const client of [1, 2, 3, 4]) history.arrived(client, 1, second as MessageId, 152);
    expect(missing(history)).toEqual({ 'never-relayed': 1 });
  });

  it('in-flight also when later messages came on the next connection', () => {
    const history = without(online(), [1])
      .sent(second as MessageId, 150)
      .closed(1, 1, 200);
    history
      .opened(1, 2, 1, 300)
      .subscribed(1, 2, 0, 301, 302)
      .arrived(1, 2, second as MessageId, 303);
    for (const client of [2, 3, 4]) history.arrived(client, 1, second as MessageId, 152);
    expect(missing(history)).toEqual({ 'in-flight': 1 });
  });

  it('no in-flight where the client closed the session on purpose: it was alive until then', () => {
    expect(missing(without(online(), [1]).closed(1, 1, 200, { intended: true }))).toEqual({ 'never-relayed': 1 });
  });

  it('unexplained: nothing is known of the node', () => {
    expect(missing(without(online([0, -1, 1, 0, 0]), [1]))).toEqual({ unexplained: 1 });
  });

  it('rejected and unacked are no losses: they are rightly absent', () => {
    const account = accountOf(
      plan,
      online()
        .published(first as MessageId, 100)
        .take(),
    );
    expect(account.missingByCause).toEqual({});
    expect(account.absentByCause).toMatchObject({ unacked: 4, rejected: 0 });
  });

  it('shows unexplained ones first, with their ids, then required ones', () => {
    const history = online([0, -1, 1, 0, 0]).closed(3, 1, 50).opened(3, 2, 0, 150).subscribed(3, 2, 0, 151, 152);
    without(history, [1, 2, 3]);
    const { missingExamples } = accountOf(plan, history.take());
    expect(missingExamples.map(({ cause, subscriber, required }) => [cause, subscriber, required])).toEqual([
      ['unexplained', 1, true],
      ['broker-gap', 2, true],
      ['not-subscribed', 3, false],
    ]);
    expect(missingExamples[0]).toMatchObject({
      publisher: 0,
      epoch: 1,
      destination: 0,
      sequence: 1,
      atMicros: 100_000,
    });
    expect(causes.indexOf('unexplained')).toBe(causes.length - 1);
  });
});
