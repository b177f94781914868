import { describe, expect, it } from 'vitest';
import { arrivalMark, type FactBatch, type Plan, publishOutcome } from '../../src/record/history.js';
import { createLedger, type Ledger } from '../../src/record/ledger.js';
import { generatedHistory } from './generated-history.js';
import { batchOf } from './history-rows.js';
import { createHistoryWriter, planOf } from './history-writer.js';
import { keptRecordings } from './recorded-history.js';

/** Client 0 sends to client 1. */
const plan: Plan = {
  ...planOf(2, 2),
  clients: [
    { subscribes: [], publishes: [0], recovers: true },
    { subscribes: [0], publishes: [], recovers: true },
  ],
};
const id = (sequence: number) => [0, 1, 0, sequence] as const;

function ledgerWith(...batches: readonly FactBatch[]): Ledger {
  const ledger = createLedger(plan, { deadlineMs: 1000 });
  for (const batch of batches) ledger.add(batch);
  return ledger;
}

function endAt(nowMs: number) {
  return { nowMicros: nowMs * 1000, faults: [] };
}

/** Everything that is known after eight seconds; faults are known until then as well. */
function forgetAt(ledger: Ledger, nowMs = 8000): number {
  return ledger.forget(endAt(nowMs), nowMs * 1000);
}

function online() {
  return createHistoryWriter().everybodyOnline(plan, (client) => client);
}

describe('what a ledger forgets', () => {
  it('a message that everybody got, once something came in the same session well after it', () => {
    const history = online().sent(id(1), 100).arrived(1, 1, id(1), 102);
    const ledger = ledgerWith(history.take());
    expect(forgetAt(ledger)).toBe(0);
    ledger.add(createHistoryWriter().sent(id(2), 3000).arrived(1, 1, id(2), 3001).take());
    expect(forgetAt(ledger)).toBe(1);
    expect(ledger.settle(endAt(9000)).delivery).toMatchObject({ once: 2, required: 2, sent: 2, acked: 2, missing: 0 });
  });

  it('not one whose deadline has not passed, nor one from after the faults that are known', () => {
    const history = online().sent(id(1), 100).arrived(1, 1, id(1), 102).sent(id(2), 3000).arrived(1, 1, id(2), 3001);
    const ledger = ledgerWith(history.take());
    expect(forgetAt(ledger, 1050)).toBe(0);
    expect(ledger.forget(endAt(8000), 101_000)).toBe(0);
    expect(forgetAt(ledger, 1200)).toBe(1);
  });

  it('not one followed only by what waited while its client stood still: the session may have died meanwhile', () => {
    const history = online().sent(id(1), 100).arrived(1, 1, id(1), 3000, arrivalMark.waited);
    const ledger = ledgerWith(history.sent(id(2), 200).arrived(1, 1, id(2), 3000, arrivalMark.waited).take());
    expect(forgetAt(ledger)).toBe(0);
    ledger.add(createHistoryWriter().closed(1, 1, 7000, { lastByteMs: 90 }).take());
    expect(ledger.settle(endAt(9000)).delivery).toMatchObject({ once: 0, late: 2, required: 0 });
  });

  it('not one whose receipt came after what its subscriber has been heard of: its session may have been dead by then', () => {
    const history = online().published(id(1), 100).settled(id(1), publishOutcome.acked, 5000).arrived(1, 1, id(1), 102);
    const ledger = ledgerWith(history.take());
    expect(forgetAt(ledger)).toBe(0);
    ledger.add(createHistoryWriter().closed(1, 1, 7000, { lastByteMs: 102 }).take());
    expect(ledger.settle(endAt(9000)).delivery).toMatchObject({ once: 1, required: 0 });
  });

  it('not one that somebody misses, nor what comes after it in its stream, which says what became of it', () => {
    const history = online().sent(id(1), 100).sent(id(2), 200).arrived(1, 1, id(2), 201);
    history.sent(id(3), 3000).arrived(1, 1, id(3), 3001);
    const ledger = ledgerWith(history.take());
    expect(forgetAt(ledger)).toBe(0);
    const { missingByCause, delivery } = ledger.settle(endAt(9000));
    expect([delivery.missing, missingByCause]).toEqual([1, { 'broker-gap': 1 }]);
  });

  it('not one that was not acknowledged: its receipt may still come', () => {
    const history = online().published(id(1), 100).arrived(1, 1, id(1), 102);
    history.sent(id(2), 3000).arrived(1, 1, id(2), 3001);
    expect(forgetAt(ledgerWith(history.take()))).toBe(0);
  });
});

describe('what comes after a message was forgotten', () => {
  function forgetful(): Ledger {
    const history = online().sent(id(1), 100).arrived(1, 1, id(1), 102).sent(id(2), 3000).arrived(1, 1, id(2), 3001);
    const ledger = ledgerWith(history.take());
    expect(forgetAt(ledger)).toBe(1);
    return ledger;
  }

  it('a copy in the same session is a duplicate of that kind', () => {
    const ledger = forgetful();
    ledger.add(createHistoryWriter().arrived(1, 1, id(1), 8500).take());
    expect(ledger.live(8_600_000).duplicate).toBe(1);
    const { delivery, duplicates, unexcused } = ledger.settle(endAt(9000));
    expect([delivery.duplicate, duplicates.sameSession, unexcused.duplicate]).toEqual([1, 1, 1]);
  });

  it('a copy in a later session is one across sessions, or one that the server calls redelivered', () => {
    const ledger = forgetful();
    const history = createHistoryWriter().closed(1, 1, 8100).opened(1, 2, 1, 8200).subscribed(1, 2, 0, 8201, 8202);
    history.arrived(1, 2, id(1), 8500).arrived(1, 2, id(1), 8501, arrivalMark.redelivered);
    ledger.add(history.take());
    const { duplicates, unexpectedByReason } = ledger.settle(endAt(9000));
    expect(duplicates).toEqual({ sameSession: 0, acrossSessions: 1, redelivered: 1 });
    expect(unexpectedByReason['unknown-message']).toBe(0);
  });

  it('a second receipt changes nothing, and a second publish is still a contradiction', () => {
    const ledger = forgetful();
    ledger.add(createHistoryWriter().settled(id(1), publishOutcome.acked, 8500).take());
    expect(ledger.settle(endAt(9000)).delivery).toMatchObject({ acked: 2, once: 2 });
    expect(() => ledger.add(createHistoryWriter().published(id(1), 8600).take())).toThrow('published twice');
  });
});

it('recorded and generated histories have the same account when most of them was forgotten', () => {
  const histories = [...keptRecordings(), ...Array.from({ length: 30 }, (_, seed) => generatedHistory(seed))];
  let [messages, forgotten] = [0, 0];
  for (const history of histories) {
    const { plan: of, end } = history;
    const [whole, forgetful] = [0, 1].map(() => createLedger(of, { deadlineMs: end.deadlineMicros / 1000 }));
    if (whole === undefined || forgetful === undefined) throw new Error('two ledgers');
    for (const ledger of [whole, forgetful]) ledger.add(batchOf(history));
    forgotten += forgetful.forget(end, end.nowMicros);
    messages += history.publishes.length;
    const { distributions: _, ...account } = forgetful.settle(end);
    const { distributions: __, ...expected } = whole.settle(end);
    expect(account, history.name).toEqual(expected);
  }
  expect(forgotten).toBeGreaterThan(messages / 4);
});
