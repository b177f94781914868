import { expect, test } from 'vitest';
import type { Plan } from '../../src/record/history.js';
import { accountOf, createHistoryWriter, type HistoryWriter } from './history-writer.js';

const plan: Plan = {
  runId: 'r',
  nodes: ['node-1', 'node-2'],
  destinations: ['/topic/a'],
  clients: [
    { subscribes: [], publishes: [0], recovers: false },
    { subscribes: [0], publishes: [], recovers: false },
    { subscribes: [0], publishes: [], recovers: false },
  ],
};

/** Client 1 listens on node-2 since 5 ms. */
function online(): HistoryWriter {
  return createHistoryWriter().opened(1, 1, 1, 1).subscribed(1, 1, 0, 2, 5);
}

function silencesOf(history: HistoryWriter) {
  return accountOf(plan, history.take()).silences;
}

const zombie = { client: 1, node: 1, destination: 0, kind: 'zombie-subscription', sinceMicros: 10_000_000 };

test('a subscription that hears nothing any more while its connection lives is a zombie until the end', () => {
  const found = silencesOf(online().silent(1, 1, 0, 10_000));
  expect(found).toEqual({ subscriptions: 1, examples: [{ ...zombie, untilMicros: undefined }] });
});

test('a silence ends with what it hears, with its session, or with its own UNSUBSCRIBE', () => {
  const silent = () => online().silent(1, 1, 0, 10_000);
  for (const history of [
    silent().heard(1, 1, 0, 20_000, { delayed: false }),
    silent().closed(1, 1, 20_000),
    silent().unsubscribed(1, 1, 0, 20_000, 20_001),
  ]) {
    expect(silencesOf(history).examples).toEqual([{ ...zombie, untilMicros: 20_000_000 }]);
  }
});

test('messages that come after all were late, and it was no silence', () => {
  expect(silencesOf(online().silent(1, 1, 0, 10_000).heard(1, 1, 0, 20_000, { delayed: true })).subscriptions).toBe(0);
});

test('one subscription may be silent twice, and counts once', () => {
  const history = online().silent(1, 1, 0, 10_000).heard(1, 1, 0, 20_000, { delayed: false }).silent(1, 1, 0, 30_000);
  const { examples, subscriptions } = silencesOf(history);
  expect(examples.map(({ untilMicros }) => untilMicros)).toEqual([20_000_000, undefined]);
  expect(subscriptions).toBe(1);
});

test('what was heard at the very moment from which the next silence counts says nothing of that one', () => {
  for (const delayed of [true, false]) {
    const history = online().silent(1, 1, 0, 10_000).heard(1, 1, 0, 20_000, { delayed }).silent(1, 1, 0, 20_000);
    const { examples } = silencesOf(history);
    expect(examples.at(-1)).toEqual({ ...zombie, sinceMicros: 20_000_000, untilMicros: undefined });
    expect(examples).toHaveLength(delayed ? 1 : 2);
  }
});

test('who came back and hears nothing from the first moment on lost the resubscription, with its RECEIPT or without', () => {
  const back = () => online().closed(1, 1, 8000).opened(1, 2, 0, 9000);
  const missing = { ...zombie, node: 0, kind: 'missing-resubscribe', untilMicros: undefined };
  expect(silencesOf(back().subscribed(1, 2, 0, 9500, 10_000).silent(1, 2, 0, 10_000)).examples).toEqual([missing]);
  expect(silencesOf(back().silent(1, 2, 0, 10_000)).examples).toEqual([missing]);
  // It heard something in between.
  const later = silencesOf(back().subscribed(1, 2, 0, 9100, 9200).silent(1, 2, 0, 10_000)).examples;
  expect(later).toMatchObject([{ kind: 'zombie-subscription' }]);
});

test('who never was confirmed before cannot have lost a resubscription', () => {
  expect(silencesOf(online().silent(1, 1, 0, 5)).examples).toMatchObject([{ kind: 'zombie-subscription' }]);
});

test('silence opens and closes no window: what is sent to the silent one is missed', () => {
  const history = online().opened(0, 1, 0, 1).silent(1, 1, 0, 10_000).sent([0, 1, 0, 1], 11_000);
  const { delivery } = accountOf(plan, history.take());
  expect(delivery).toMatchObject({ requiredMissing: 1, unexpected: 0 });
});
