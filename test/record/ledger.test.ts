import { describe, expect, it } from 'vitest';
import type { Account } from '../../src/record/account.js';
import { arrivalMark, type FactBatch, type Plan, publishOutcome } from '../../src/record/history.js';
import { createLedger } from '../../src/record/ledger.js';
import { accountOf, createHistoryWriter, type HistoryWriter, planOf } from './history-writer.js';

/** Client 0 sends, client 1 listens: each history says one thing about one pair. */
const plan: Plan = {
  ...planOf(2, 2),
  clients: [
    { subscribes: [], publishes: [0], recovers: true },
    { subscribes: [0], publishes: [], recovers: true },
  ],
};

function online(): HistoryWriter {
  return createHistoryWriter().everybodyOnline(plan, (client) => client);
}

type Judged = Readonly<Record<string, unknown>>;

/** Everything that the account counts and that is not nought: whatever a test does not expect, shows. */
function verdict(batch: FactBatch, end: Parameters<typeof accountOf>[2] = {}, of: Plan = plan): Judged {
  const account: Account = accountOf(of, batch, end);
  const { delivery, missingByCause, absentByCause, duplicates, unexpectedByReason } = account;
  const found = { ...delivery, ...duplicates, missingByCause, absentByCause, unexpectedByReason };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]): [string, unknown][] => {
      if (typeof value === 'number') return value === 0 ? [] : [[name, value]];
      const counts = Object.entries(value).filter(([, count]) => count !== 0);
      return counts.length === 0 ? [] : [[name, Object.fromEntries(counts)]];
    }),
  );
}

const first = [0, 1, 0, 1] as const;
const acked = { sent: 1, acked: 1, attempted: 1 };

describe('publish outcomes', () => {
  it('acked: its RECEIPT came, and so it had to arrive', () => {
    expect(verdict(online().sent(first, 10).arrived(1, 1, first, 12).take())).toEqual({
      ...acked,
      required: 1,
      once: 1,
    });
  });

  it('rejected by an ERROR: nobody had to get it', () => {
    const history = online().published(first, 10).settled(first, publishOutcome.rejected, 11).take();
    expect(verdict(history)).toEqual({ sent: 1, rejected: 1, attempted: 1, absent: 1, absentByCause: { rejected: 1 } });
  });

  it('rejected because it never was handed to a socket', () => {
    const history = online().published(first, Number.NaN, { intendedMs: 10 }).take();
    expect(verdict(history)).toEqual({ rejected: 1, attempted: 1, absent: 1, absentByCause: { rejected: 1 } });
  });

  it('indeterminate and seen by nobody: neither lost nor a success', () => {
    const unacked = { sent: 1, indeterminate: 1, attempted: 1, absent: 1, absentByCause: { unacked: 1 } };
    expect(verdict(online().published(first, 10).take())).toEqual(unacked);
    const told = online().published(first, 10).settled(first, publishOutcome.indeterminate, 20);
    expect(verdict(told.take())).toEqual(unacked);
  });

  it('indeterminate, but somebody got it: from then on the others had to get it too', () => {
    const three = { ...plan, clients: [...plan.clients, { subscribes: [0], publishes: [], recovers: true }] };
    const history = createHistoryWriter()
      .everybodyOnline(three, (client) => client % 2)
      .published(first, 10)
      .arrived(1, 1, first, 12)
      .take();
    expect(verdict(history, {}, three)).toEqual({
      ...{ sent: 1, indeterminate: 1, recovered: 1, attempted: 2, required: 2, once: 1 },
      ...{ missing: 1, requiredMissing: 1, missingByCause: { 'broker-gap': 1 } },
    });
  });

  it('the first definite word stands, whatever comes after', () => {
    const history = online().sent(first, 10).settled(first, publishOutcome.rejected, 12).arrived(1, 1, first, 12);
    expect(verdict(history.take())).toEqual({ ...acked, required: 1, once: 1 });
    const late = online().published(first, 10).settled(first, publishOutcome.indeterminate, 15);
    expect(verdict(late.settled(first, publishOutcome.acked, 20).arrived(1, 1, first, 21).take())).toEqual({
      ...acked,
      required: 1,
      once: 1,
    });
  });
});

describe('windows and obligations', () => {
  const publisher = (): HistoryWriter => createHistoryWriter().opened(0, 1, 0, 0).opened(1, 1, 1, 0);
  const lost = { missing: 1, required: 1, requiredMissing: 1 };

  it('REQUIRED when the whole interval lies inside the certain window, its two edges included', () => {
    const history = publisher().subscribed(1, 1, 0, 1, 10).sent(first, 10).closed(1, 1, 20, { lastByteMs: 11 });
    expect(verdict(history.take())).toMatchObject(lost);
  });

  it('OPTIONAL when it was written a moment before the confirmation', () => {
    const history = publisher().subscribed(1, 1, 0, 1, 10).sent(first, 9.999).take();
    expect(verdict(history)).toEqual({ ...acked, absent: 1, absentByCause: { 'before-subscription': 1 } });
  });

  it('OPTIONAL when its RECEIPT came a moment after the last byte', () => {
    const history = publisher().subscribed(1, 1, 0, 1, 2).sent(first, 10).closed(1, 1, 20, { lastByteMs: 10.999 });
    expect(verdict(history.take())).toEqual({ ...acked, missing: 1, missingByCause: { 'in-flight': 1 } });
  });

  it('OPTIONAL may arrive, and counts once', () => {
    const history = publisher().subscribed(1, 1, 0, 1, 10).sent(first, 5).arrived(1, 1, first, 7).take();
    expect(verdict(history)).toEqual({ ...acked, once: 1 });
  });

  it('OPTIONAL when the contract excuses the moment', () => {
    const excused = [{ fromMicros: 11_000, toMicros: 12_000 }];
    const missing = { ...acked, missing: 1, missingByCause: { 'broker-gap': 1 } };
    expect(verdict(online().sent(first, 10).take(), { excused })).toEqual(missing);
    expect(verdict(online().sent(first, 9.9).take(), { excused })).toMatchObject(lost);
  });

  it('NOT EXPECTED outside of every possible window: an arrival there is unexpected', () => {
    const history = publisher().subscribed(1, 1, 0, 10, 11).sent(first, 5).arrived(1, 1, first, 9).take();
    expect(verdict(history)).toEqual({
      ...{ ...acked, absent: 1, absentByCause: { 'before-subscription': 1 } },
      ...{ unexpected: 1, unexpectedByReason: { 'outside-window': 1 } },
    });
  });

  it('the possible window ends with the receipt of UNSUBSCRIBE, the certain one when it was written', () => {
    const history = () => publisher().subscribed(1, 1, 0, 1, 2).unsubscribed(1, 1, 0, 20, 30);
    const absent = { absent: 1, absentByCause: { 'after-end': 1 } };
    expect(verdict(history().sent(first, 19.5).take())).toEqual({ ...acked, ...absent });
    expect(verdict(history().sent(first, 19.5).arrived(1, 1, first, 30).take())).toEqual({ ...acked, once: 1 });
    expect(verdict(history().sent(first, 19).take())).toMatchObject(lost);
    expect(verdict(history().sent(first, 19.5).arrived(1, 1, first, 30.001).take())).toEqual({
      ...{ ...acked, ...absent, unexpected: 1, unexpectedByReason: { 'outside-window': 1 } },
    });
  });

  it('who unsubscribed misses nothing until the next SUBSCRIBE is confirmed, whatever is sent', () => {
    const history = publisher().subscribed(1, 1, 0, 1, 2).unsubscribed(1, 1, 0, 20, 30).sent(first, 35);
    expect(verdict(history.subscribed(1, 1, 0, 40, 41).take())).toEqual({
      ...{ ...acked, absent: 1, absentByCause: { unsubscribed: 1 } },
    });
    const again = () => publisher().subscribed(1, 1, 0, 1, 2).unsubscribed(1, 1, 0, 20, 30).subscribed(1, 1, 0, 40, 45);
    expect(verdict(again().sent(first, 40.5).take())).toMatchObject({ absentByCause: { unsubscribed: 1 } });
    expect(verdict(again().sent(first, 46).take())).toMatchObject(lost);
  });

  it('a fence after the RECEIPT does not shorten what is certain', () => {
    const history = publisher().subscribed(1, 1, 0, 1, 2).subscribed(1, 1, 0, 1, 2).sent(first, 3).take();
    expect(verdict(history)).toMatchObject(lost);
  });

  it('a subscription that was never confirmed requires nothing and is named', () => {
    const account = accountOf(plan, publisher().subscribed(1, 1, 0, 1).sent(first, 10).take());
    expect(account.delivery).toMatchObject({ required: 0, absent: 1 });
    expect(account.unconfirmed).toEqual([{ client: 1, destination: 0 }]);
  });

  it('a history does not end before its last fact: what arrives then lies in an open window', () => {
    // Acknowledged and delivered after the moment that the caller took for the end.
    const history = online().sent(first, 79.5).arrived(1, 1, first, 81).take();
    expect(verdict(history, { nowMs: 80 })).toEqual({ ...acked, required: 1, once: 1 });
  });
});

describe('recovery', () => {
  const away = (recovered: boolean | undefined): HistoryWriter =>
    online()
      .sent(first, 25)
      .closed(1, 1, 20, { lastByteMs: 18 })
      .opened(1, 2, 0, 30)
      .subscribed(1, 2, 0, 31, 33, recovered);

  it('recovered:true makes REQUIRED what was acked while the subscriber was away', () => {
    expect(verdict(away(true).take())).toMatchObject({ required: 1, requiredMissing: 1, missing: 1 });
  });

  it('recovered:true answers for what died with the session before: that is not in-flight any more', () => {
    const died = (recovered: boolean): HistoryWriter =>
      online()
        .sent(first, 19)
        .closed(1, 1, 30, { lastByteMs: 20.5 })
        .opened(1, 2, 1, 30.5)
        .subscribed(1, 2, 0, 31, 33, recovered);
    expect(verdict(died(false).take())).toMatchObject({ missingByCause: { 'in-flight': 1 } });
    expect(verdict(died(true).take())).toMatchObject({ missingByCause: { 'broker-gap': 1 } });
  });

  it.each([false, undefined])('recovered:%s promises nothing: it was missed while away', (recovered) => {
    expect(verdict(away(recovered).take())).toEqual({ ...acked, missing: 1, missingByCause: { 'not-subscribed': 1 } });
  });

  it('what a replay brings is late, not once, and not reordered', () => {
    const second = [0, 1, 0, 2] as const;
    const history = away(true).sent(second, 26).arrived(1, 2, second, 32, arrivalMark.recovered);
    expect(verdict(history.arrived(1, 2, first, 32, arrivalMark.recovered).take())).toEqual({
      ...{ sent: 2, acked: 2, attempted: 2, required: 2, late: 2 },
    });
  });

  it('bridges only what the server vouched for: not the outage before', () => {
    const history = away(false).closed(1, 2, 40).opened(1, 3, 1, 50).subscribed(1, 3, 0, 51, 52, true).take();
    expect(verdict(history)).toMatchObject({ missing: 1, missingByCause: { 'not-subscribed': 1 } });
  });
});

describe('the outcome of a pair', () => {
  it('once up to the deadline, late after it, counted from the write', () => {
    const at = (ms: number) => verdict(online().sent(first, 10).arrived(1, 1, first, ms).take());
    expect(at(5010)).toEqual({ ...acked, required: 1, once: 1 });
    expect(at(5010.001)).toEqual({ ...acked, required: 1, late: 1 });
    const held = online()
      .published(first, 6000, { intendedMs: 10, held: true })
      .settled(first, publishOutcome.acked, 6001);
    expect(verdict(held.arrived(1, 1, first, 6002).take())).toEqual({ ...acked, required: 1, once: 1 });
  });

  it('missing', () => {
    expect(verdict(online().sent(first, 10).take())).toEqual({
      ...{ ...acked, required: 1, missing: 1, requiredMissing: 1 },
      ...{ missingByCause: { 'broker-gap': 1 } },
    });
  });

  it('absent, and rightly so: before the first confirmation, or after a goodbye', () => {
    const early = createHistoryWriter().opened(0, 1, 0, 0).sent(first, 1).opened(1, 1, 1, 5).subscribed(1, 1, 0, 6, 7);
    expect(verdict(early.take())).toMatchObject({ absent: 1, absentByCause: { 'before-subscription': 1 } });
    const gone = online().closed(1, 1, 20, { intended: true, code: 1000 }).sent(first, 30);
    expect(verdict(gone.take())).toMatchObject({ absent: 1, absentByCause: { 'after-end': 1 } });
  });

  it.each([
    ['sameSession', 1, 0],
    ['acrossSessions', 2, 0],
    ['redelivered', 1, arrivalMark.redelivered],
  ])('duplicate %s', (kind, session, mark) => {
    const history = online().sent(first, 10).arrived(1, 1, first, 12).closed(1, 1, 20, { lastByteMs: 15 });
    history.opened(1, 2, 0, 30).subscribed(1, 2, 0, 31, 32);
    const at = session === 1 ? 14 : 33;
    expect(verdict(history.arrived(1, session, first, at, mark).take())).toEqual({
      ...{ ...acked, required: 1, once: 1, duplicate: 1, [kind]: 1 },
    });
  });

  it('a first arrival that the server marks as redelivered is no duplicate', () => {
    const history = online().sent(first, 10).arrived(1, 1, first, 12, arrivalMark.redelivered).take();
    expect(verdict(history)).toEqual({ ...acked, required: 1, once: 1 });
  });

  it('reordered: below the running maximum, first arrivals only', () => {
    const ids = [1, 2, 3].map((sequence) => [0, 1, 0, sequence] as const);
    const history = online();
    for (const id of ids) history.sent(id, 10);
    const three = { sent: 3, acked: 3, attempted: 3, required: 3, once: 3 };
    for (const index of [1, 0, 2, 0]) history.arrived(1, 1, ids[index] ?? first, 12);
    expect(verdict(history.take())).toEqual({ ...three, reordered: 1, duplicate: 1, sameSession: 1 });
  });

  it('a new session may start anywhere: it is not judged by the one before', () => {
    const second = [0, 1, 0, 2] as const;
    const history = online()
      .sent(first, 10)
      .sent(second, 11)
      .arrived(1, 1, second, 13)
      .closed(1, 1, 20, { lastByteMs: 15 });
    history.opened(1, 2, 0, 30).subscribed(1, 2, 0, 31, 32).arrived(1, 2, first, 33);
    expect(verdict(history.take())).toEqual({ sent: 2, acked: 2, attempted: 2, required: 2, once: 2 });
  });

  it('messages of different publishers, epochs or destinations have no order among each other', () => {
    const both = planOf(1, 2, 2);
    const ids = [
      [0, 1, 0, 2],
      [0, 2, 0, 1],
      [1, 1, 0, 1],
      [0, 1, 1, 1],
    ] as const;
    const history = createHistoryWriter()
      .everybodyOnline(both, () => 0)
      .opened(0, 2, 0, 3);
    for (const id of ids) history.sent(id, 10).arrived(1, 1, id, 12);
    expect(accountOf(both, history.take()).delivery.reordered).toBe(0);
  });
});

describe('unexpected arrivals', () => {
  it.each(['foreign-run', 'corrupt', 'wrong-destination', 'no-stamp'] as const)(
    '%s, as the client saw it',
    (reason) => {
      expect(verdict(online().unexpected(1, reason, 10).take())).toEqual({
        ...{ unexpected: 1, unexpectedByReason: { [reason]: 1 } },
      });
    },
  );

  it('rejected but delivered', () => {
    const history = online().published(first, 10).settled(first, publishOutcome.rejected, 11).arrived(1, 1, first, 12);
    expect(verdict(history.arrived(1, 1, first, 13).take())).toEqual({
      ...{ sent: 1, rejected: 1, attempted: 1, absent: 1, absentByCause: { rejected: 1 } },
      ...{ unexpected: 2, unexpectedByReason: { 'rejected-message': 2 } },
    });
  });

  it('never published, or by nobody in the plan', () => {
    const history = online()
      .arrived(1, 1, [0, 1, 0, 7], 10)
      .arrived(1, 1, [9, 1, 0, 1], 10)
      .arrived(1, 1, [0, 1, 0, 0], 10);
    expect(verdict(history.take())).toEqual({ unexpected: 3, unexpectedByReason: { 'unknown-message': 3 } });
  });

  it('at a client that does not subscribe there', () => {
    const history = online().sent(first, 10).arrived(1, 1, first, 11).arrived(0, 1, first, 12).take();
    expect(verdict(history)).toEqual({
      ...{ ...acked, required: 1, once: 1, unexpected: 1, unexpectedByReason: { 'not-subscribed': 1 } },
    });
  });

  it('an arrival before its publish was reported is judged like any other', () => {
    const ledger = createLedger(plan);
    ledger.add(online().take());
    ledger.add(createHistoryWriter().arrived(1, 1, first, 12).take());
    ledger.add(createHistoryWriter().sent(first, 10).take());
    const account = ledger.settle({ nowMicros: 100_000_000, faults: [] });
    expect(account.delivery).toMatchObject({ once: 1, unexpected: 0, missing: 0 });
    expect(account.latency.response).toMatchObject({ count: 1, maxMs: 2 });
  });

  it('a message that is published twice is a defect of the worker', () => {
    expect(() => accountOf(plan, online().sent(first, 10).sent(first, 11).take())).toThrow('published twice');
  });
});

it('seeks a bounded number of messages in the journals, and says when more are missing', () => {
  const plan = { ...planOf(1, 1), clients: [{ subscribes: [0], publishes: [0], recovers: false }] };
  const seek = (lost: number) => {
    const ledger = createLedger(plan);
    const history = createHistoryWriter().everybodyOnline(plan, () => 0);
    for (let sequence = 1; sequence <= lost; sequence++) history.sent([0, 1, 0, sequence], 10);
    ledger.add(history.take());
    const { messages, isCapped } = ledger.seek({ nowMicros: 100_000_000, faults: [] });
    return [messages.size, isCapped];
  };
  expect(seek(2)).toEqual([2, false]);
  expect(seek(200_001)).toEqual([200_000, true]);
});
