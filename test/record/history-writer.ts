import type { Account } from '../../src/record/account.js';
import { type FactBatch, type Plan, type PublishOutcome, publishOutcome } from '../../src/record/history.js';
import { createLedger, type LedgerOptions, type Settlement } from '../../src/record/ledger.js';
import { createRecorder } from '../../src/record/recorder.js';

/** A message by its four ids. */
export type MessageId = readonly [publisher: number, epoch: number, destination: number, sequence: number];

/**
 * Writes literal histories with times in milliseconds, so that a test reads like the story it tells.
 * @param slowness how many milliseconds one of them stands for
 */
export function createHistoryWriter(slowness = 1) {
  const recorder = createRecorder();
  const us = (ms: number): number => ms * 1000 * slowness;
  const writer = {
    opened(client: number, session: number, node: number, atMs: number) {
      recorder.session({ type: 'session-opened', client, session, node, atMicros: us(atMs) });
      return writer;
    },
    closed(
      client: number,
      session: number,
      atMs: number,
      how: { lastByteMs?: number; unreadMs?: number; code?: number; intended?: boolean } = {},
    ) {
      recorder.session({
        type: 'session-closed',
        client,
        session,
        atMicros: us(atMs),
        lastByteAtMicros: us(how.lastByteMs ?? atMs),
        ...(how.unreadMs === undefined ? {} : { unreadMs: how.unreadMs }),
        closeCode: how.code ?? 1006,
        intended: how.intended ?? false,
      });
      return writer;
    },
    subscribed(
      client: number,
      session: number,
      destination: number,
      writtenMs: number,
      confirmedMs?: number,
      recovered?: boolean,
    ) {
      const who = { client, session, destination };
      recorder.session({ type: 'subscribe-written', ...who, atMicros: us(writtenMs) });
      if (confirmedMs !== undefined) {
        recorder.session({ type: 'subscription-confirmed', ...who, atMicros: us(confirmedMs), recovered });
      }
      return writer;
    },
    unsubscribed(client: number, session: number, destination: number, writtenMs: number, confirmedMs?: number) {
      const who = { client, session, destination };
      recorder.session({ type: 'unsubscribe-written', ...who, atMicros: us(writtenMs) });
      if (confirmedMs !== undefined) {
        recorder.session({ type: 'unsubscribe-confirmed', ...who, atMicros: us(confirmedMs) });
      }
      return writer;
    },
    unexpected(client: number, reason: 'foreign-run' | 'corrupt' | 'wrong-destination' | 'no-stamp', atMs: number) {
      recorder.session({ type: 'unexpected-arrived', client, session: 1, reason, atMicros: us(atMs) });
      return writer;
    },
    /** A canary passed it by; told three seconds after it had heard something last. */
    silent(client: number, session: number, destination: number, sinceMs: number) {
      const fact = { client, session, destination, sinceMicros: us(sinceMs), atMicros: us(sinceMs + 3000) };
      recorder.session({ type: 'subscription-silent', ...fact });
      return writer;
    },
    heard(client: number, session: number, destination: number, atMs: number, how: { delayed: boolean }) {
      recorder.session({ type: 'subscription-heard', client, session, destination, atMicros: us(atMs), ...how });
      return writer;
    },
    published(id: MessageId, writtenMs: number, how: { intendedMs?: number; held?: boolean } = {}) {
      recorder.published(...id, us(how.intendedMs ?? writtenMs), us(writtenMs), how.held ?? false);
      return writer;
    },
    settled(id: MessageId, outcome: PublishOutcome, atMs: number) {
      recorder.settled(...id, outcome, us(atMs));
      return writer;
    },
    /** Written and acknowledged 1 ms later. */
    sent(id: MessageId, writtenMs: number) {
      return writer.published(id, writtenMs).settled(id, publishOutcome.acked, writtenMs + 1);
    },
    arrived(subscriber: number, session: number, id: MessageId, atMs: number, marks = 0) {
      recorder.arrived(subscriber, session, ...id, us(atMs), marks);
      return writer;
    },
    /** Every client's first session, open and confirmed on each planned destination by 2 ms. */
    everybodyOnline(plan: Plan, nodeOf: (client: number) => number) {
      plan.clients.forEach(({ subscribes }, client) => {
        writer.opened(client, 1, nodeOf(client), 0);
        for (const destination of subscribes) writer.subscribed(client, 1, destination, 1, 2);
      });
      return writer;
    },
    take: (): FactBatch => recorder.take(),
  };
  return writer;
}

export type HistoryWriter = ReturnType<typeof createHistoryWriter>;

/** A plan in which everybody sends to and listens on every destination. */
export function planOf(nodes: number, clients: number, destinations = 1): Plan {
  const all = Array.from({ length: destinations }, (_, index) => index);
  return {
    runId: 'deadbeef',
    nodes: Array.from({ length: nodes }, (_, index) => `node-${index + 1}`),
    destinations: all.map((index) => `/topic/${index}`),
    clients: Array.from({ length: clients }, () => ({ subscribes: all, publishes: all, recovers: true })),
  };
}

/** The account of one history, with times in milliseconds; it ends at 100 s unless told otherwise. */
export function accountOf(
  plan: Plan,
  batch: FactBatch,
  end: Partial<Settlement> & { nowMs?: number } = {},
  options: LedgerOptions = {},
): Account {
  const ledger = createLedger(plan, options);
  ledger.add(batch);
  return ledger.settle({ nowMicros: (end.nowMs ?? 100_000) * 1000, faults: [], ...end });
}
