import { describe, expect, it } from 'vitest';
import type { Clocks } from '../../src/record/clocks.js';
import { arrivalMark, type Plan } from '../../src/record/history.js';
import type { Settlement } from '../../src/record/ledger.js';
import { generatedHistory } from './generated-history.js';
import type { HistoryRows } from './history-rows.js';
import { accountOf, createHistoryWriter, type HistoryWriter, planOf } from './history-writer.js';
import { complaints, countsOf } from './mutation.js';

/** Client 0 sends, client 1 listens from another worker whose clock may be wrong by 2 ms, client 2 from the same one. */
const plan: Plan = {
  ...planOf(2, 3),
  clients: [
    { subscribes: [], publishes: [0], recovers: true },
    { subscribes: [0], publishes: [], recovers: true },
    { subscribes: [0], publishes: [], recovers: true },
  ],
};
const isOther = (client: number): boolean => client === 1;
const clocks: Clocks = {
  doubtOf: (client) => (isOther(client) ? 2000 : 0),
  doubtBetween: (a, b) => (isOther(a) === isOther(b) ? 0 : 2000),
  worstDoubt: () => 4000,
};
const message = [0, 1, 0, 1] as const;

/** Both are confirmed at 10 ms and heard their last byte at 50 ms. */
function heard(): HistoryWriter {
  const history = createHistoryWriter().opened(0, 1, 0, 0);
  for (const client of [1, 2]) history.opened(client, 1, 1, 0).subscribed(client, 1, 0, 1, 10);
  return history;
}

function lost(history: HistoryWriter): HistoryWriter {
  for (const client of [1, 2]) history.closed(client, 1, 60, { lastByteMs: 50 });
  return history;
}

function judge(history: HistoryWriter, end: Partial<Settlement> = {}) {
  const account = accountOf(plan, history.take(), end, { clocks });
  const { required, requiredMissing, missing, absent, once, late, recovered, unexpected } = account.delivery;
  return { account, required, requiredMissing, missing, absent, once, late, recovered, unexpected };
}

describe('clocks that may be wrong against each other', () => {
  it('make nobody responsible for a message at the edge of a window, except within one worker', () => {
    expect(judge(lost(heard()).sent(message, 11.999))).toMatchObject({
      required: 1,
      requiredMissing: 1,
      missing: 1,
      absent: 1,
    });
    expect(judge(lost(heard()).sent(message, 12))).toMatchObject({ required: 2, requiredMissing: 2 });
    expect(judge(lost(heard()).sent(message, 47))).toMatchObject({ required: 2, requiredMissing: 2 });
    expect(judge(lost(heard()).sent(message, 47.001))).toMatchObject({ required: 1, requiredMissing: 1, missing: 2 });
  });

  it('never hide a message in the middle of a window', () => {
    const { account, ...counts } = judge(lost(heard()).sent(message, 30));
    expect(counts).toMatchObject({ required: 2, requiredMissing: 2, missing: 2 });
    expect(account.clock).toEqual({ doubtMs: 4, unmeasured: 0 });
  });

  it('call an arrival late only when it was late on both', () => {
    const at = (ms: number) => judge(heard().sent(message, 20).arrived(1, 1, message, ms).arrived(2, 1, message, ms));
    expect(at(5020)).toMatchObject({ once: 2, late: 0 });
    expect(at(5022)).toMatchObject({ once: 1, late: 1 });
    expect(at(5022.001)).toMatchObject({ once: 0, late: 2 });
  });

  it('give no latency between them, and no negative one is made up', () => {
    const history = heard().sent(message, 20).arrived(1, 1, message, 19).arrived(2, 1, message, 23);
    const { account, ...counts } = judge(history);
    expect(counts).toMatchObject({ required: 2, once: 2, unexpected: 0 });
    expect(account.latency.service).toMatchObject({ count: 1, minMs: 3, maxMs: 3 });
    expect([account.clock.unmeasured, account.refusedLatencies]).toEqual([1, 0]);
  });

  it('do not let an arrival elsewhere say when a message without receipt was accepted', () => {
    const between = () => heard().closed(1, 1, 28, { lastByteMs: 28 });
    const history = between().published(message, 20).arrived(2, 1, message, 25);
    expect(judge(history)).toMatchObject({ recovered: 1, required: 1, once: 1, missing: 1 });
    expect(judge(between().published(message, 20).arrived(2, 1, message, 24))).toMatchObject({ required: 2 });
  });

  it('widen what the contract excuses by what may have happened in it', () => {
    const excused = [{ fromMicros: 0, toMicros: 19_000 }];
    const other = [1, 1, 0, 1] as const;
    const from = (id: typeof message | typeof other) => judge(heard().sent(id, 20), { excused });
    expect(from(message)).toMatchObject({ required: 2, requiredMissing: 2 });
    expect(from(other)).toMatchObject({ required: 0, missing: 2 });
  });

  it('count a session to a fault that may have ended it, and never say that it was noticed before', () => {
    const lostAt = (ms: number) => {
      const history = heard().closed(1, 1, ms).closed(2, 1, ms).take();
      const faults = [{ node: 1, atMicros: 30_000, killed: true, untilMicros: 40_000 }];
      return accountOf(plan, history, { faults }, { clocks }).faults[0];
    };
    expect(lostAt(27.999)).toMatchObject({ droppedClients: 0, noticedMs: null });
    expect(lostAt(28)).toMatchObject({ droppedClients: 1, noticedMs: 0 });
    expect(lostAt(30)).toMatchObject({ droppedClients: 2, noticedMs: 0 });
    expect(lostAt(42)).toMatchObject({ droppedClients: 1, noticedMs: 12 });
    expect(lostAt(42.001)).toMatchObject({ droppedClients: 0 });
  });

  it('are of no concern to what one client saw: its windows, its order, its duplicates', () => {
    const second = [0, 1, 0, 2] as const;
    const history = heard().sent(message, 20).sent(second, 21).unsubscribed(1, 1, 0, 40, 41);
    history
      .arrived(1, 1, second, 22)
      .arrived(1, 1, message, 23)
      .arrived(1, 1, message, 41.001, arrivalMark.redelivered);
    const { account, unexpected } = judge(history);
    expect([unexpected, account.unexpectedByReason['outside-window'], account.delivery.reordered]).toEqual([1, 1, 1]);
  });
});

/** The same history, as it is written down when the clocks of half of the clients are ahead. */
function withHalfAhead(history: HistoryRows, byMicros: number): HistoryRows {
  const ahead = (client: number): number => (client % 2 === 1 ? byMicros : 0);
  return {
    ...history,
    sessions: history.sessions.map((fact) => {
      const moved = { ...fact, atMicros: fact.atMicros + ahead(fact.client) };
      if (moved.type !== 'session-closed') return moved;
      return { ...moved, lastByteAtMicros: moved.lastByteAtMicros + ahead(fact.client) };
    }),
    publishes: history.publishes.map((row) => ({
      ...row,
      intendedAtMicros: row.intendedAtMicros + ahead(row.publisher),
      writtenAtMicros: row.writtenAtMicros + ahead(row.publisher),
    })),
    settlements: history.settlements.map((row) => ({ ...row, atMicros: row.atMicros + ahead(row.publisher) })),
    arrivals: history.arrivals.map((row) => ({ ...row, atMicros: row.atMicros + ahead(row.subscriber) })),
  };
}

/** Two workers, of which one may be wrong by so much. */
function doubting(micros: number): Clocks {
  return {
    doubtOf: (client) => (client % 2) * micros,
    doubtBetween: (a, b) => (a % 2 === b % 2 ? 0 : micros),
    worstDoubt: () => 2 * micros,
  };
}

describe('a sound system whose clocks are wrong', () => {
  it.each([-20_000, -700, 700, 20_000])('by %i µs raises nothing when the doubt is known', (byMicros) => {
    for (let seed = 0; seed < 60; seed++) {
      const history = generatedHistory(seed);
      const wrong = withHalfAhead(history, byMicros);
      const counts = countsOf(wrong, doubting(Math.abs(byMicros)));
      expect({ seed, ...complaints(counts, history) }).toEqual({ seed });
      expect(counts['required']).toBeLessThanOrEqual(countsOf(history)['required'] ?? 0);
    }
  });

  it('would be blamed if it were not', () => {
    const blamed = Array.from({ length: 60 }, (_, seed) => generatedHistory(seed)).filter((history) => {
      return Object.keys(complaints(countsOf(withHalfAhead(history, -20_000)), history)).length > 0;
    });
    expect(blamed.length).toBeGreaterThan(0);
  });
});
