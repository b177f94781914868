import { describe, expect, it } from 'vitest';
import { arrivalMark, publishOutcome } from '../../src/record/history.js';
import { createLedger } from '../../src/record/ledger.js';
import { accountOf, createHistoryWriter, type HistoryWriter, type MessageId, planOf } from './history-writer.js';

const plan = planOf(2, 3);
const online = (): HistoryWriter => createHistoryWriter().everybodyOnline(plan, (client) => client % 2);
/** Client 1 of node 1 is away from 1 s to 3 s. */
const away = (): HistoryWriter => online().closed(1, 1, 1000, { lastByteMs: 900 }).opened(1, 2, 0, 2000);
const id = (sequence: number): MessageId => [0, 1, 0, sequence];

function everywhere(
  history: HistoryWriter,
  message: MessageId,
  atMs: number,
  clients: readonly number[],
): HistoryWriter {
  history.sent(message, atMs);
  for (const client of clients) history.arrived(client, 1, message, atMs + 2);
  return history;
}

describe('reach', () => {
  it('counts required and arrived pairs from each node to each node', () => {
    const history = everywhere(online(), id(1), 100, [0, 2]);
    everywhere(history, [1, 1, 0, 1], 100, [0, 1, 2]);
    expect(accountOf(plan, history.take()).reach).toEqual({
      nodes: ['node-1', 'node-2'],
      required: [
        [2, 1],
        [2, 1],
      ],
      arrived: [
        [2, 0],
        [2, 1],
      ],
    });
  });

  it('leaves out pairs of which one node is not known', () => {
    const history = createHistoryWriter().everybodyOnline(plan, (client) => (client === 1 ? -1 : 0));
    const { reach, delivery } = accountOf(plan, everywhere(history, id(1), 100, [0, 2]).take());
    expect([delivery.required, reach.required]).toEqual([
      3,
      [
        [2, 0],
        [0, 0],
      ],
    ]);
  });
});

describe('outages', () => {
  it('a gap has the messages that were missed while away, and the length of the outage', () => {
    const history = away().subscribed(1, 2, 0, 2001, 3000);
    for (const sequence of [1, 2, 3]) everywhere(history, id(sequence), 1000 + 100 * sequence, [0, 2]);
    const account = accountOf(plan, history.take());
    expect(account.gaps).toEqual([{ client: 1, node: 1, outageMs: 2000, messages: 3 }]);
    expect(account.missingByCause).toEqual({ 'not-subscribed': 3 });
  });

  it('reconnect times run from the loss seen to everything confirmed again', () => {
    const two = planOf(1, 1, 2);
    const history = createHistoryWriter()
      .everybodyOnline(two, () => 0)
      .closed(0, 1, 100, { lastByteMs: 50 });
    history.opened(0, 2, 0, 200).subscribed(0, 2, 0, 201, 300).subscribed(0, 2, 1, 201, 450);
    const account = accountOf(two, history.take());
    expect(account.reconnectsMs).toEqual([350]);
    expect(account.reconnect).toEqual({ count: 1, p50Ms: 350, p95Ms: 350, maxMs: 350 });
    expect([account.neverBack, account.clients]).toEqual([0, { connected: 1, lost: 1, total: 1 }]);
  });

  it('a session lost before it was confirmed is one more attempt, not one more outage', () => {
    const history = away().subscribed(1, 2, 0, 2001).closed(1, 2, 2500);
    history.opened(1, 3, 0, 2900).subscribed(1, 3, 0, 2901, 3000);
    expect(accountOf(plan, history.take()).reconnectsMs).toEqual([2000]);
  });

  it('who never comes back has no reconnect time and is counted; a goodbye is no loss', () => {
    const history = away().closed(2, 1, 5000, { intended: true });
    const account = accountOf(plan, history.take());
    expect([account.reconnect.count, account.neverBack]).toEqual([0, 1]);
    const gone = accountOf(plan, online().closed(1, 1, 1000).closed(2, 1, 5000, { intended: true }).take());
    expect(gone.clients).toEqual({ connected: 2, lost: 1, total: 3 });
  });

  it('a fault has the clients it dropped, who noticed first, when all were back and heard again, and what was missed', () => {
    const history = online().closed(1, 1, 1010).opened(1, 2, 0, 1500).subscribed(1, 2, 0, 1501, 1600);
    everywhere(history, id(1), 1200, [0, 2]);
    everywhere(history, id(2), 1700, [0, 2]).arrived(1, 2, id(2), 1703);
    const [fault, later] = accountOf(plan, history.take(), {
      faults: [
        { node: 1, atMicros: 1_000_000, killed: true },
        { node: 1, atMicros: 2_000_000, killed: false },
      ],
    }).faults;
    const times = { noticedMs: 10, connectedMs: 500, recoveredMs: 600, firstMessageMs: 703 };
    expect(fault).toEqual({ droppedClients: 1, peakConnectsPerSecond: 1, ...times, missing: 1 });
    const none = { noticedMs: null, connectedMs: null, recoveredMs: null, firstMessageMs: null };
    expect(later).toEqual({ droppedClients: 0, peakConnectsPerSecond: 0, ...none, missing: 0 });
  });

  it('a fault of no node (a broker, a balancer) may drop clients of every node', () => {
    const history = online().closed(0, 1, 1010).closed(1, 1, 1020);
    const [fault] = accountOf(plan, history.take(), {
      faults: [{ node: -1, atMicros: 1_000_000, killed: true }],
    }).faults;
    expect(fault).toMatchObject({ droppedClients: 2, noticedMs: 10, recoveredMs: null });
  });
});

describe('what the contract excuses', () => {
  it('a missing message by the time of the message, a duplicate and a reordering by the time of the arrival', () => {
    const excused = [{ fromMicros: 1_000_000, toMicros: 2_000_000 }];
    const history = online();
    for (const sequence of [1, 2, 3, 4]) history.sent(id(sequence), sequence < 3 ? 900 : 1100);
    for (const client of [0, 2]) for (const sequence of [1, 2, 3, 4]) history.arrived(client, 1, id(sequence), 1200);
    // Of client 1: 2 overtakes 1 inside of the fault, 4 is doubled inside and once more after it, 3 is lost inside.
    history.arrived(1, 1, id(2), 1200).arrived(1, 1, id(1), 1300).arrived(1, 1, id(4), 1300).arrived(1, 1, id(4), 1400);
    history.arrived(1, 1, id(4), 2500);
    const account = accountOf(plan, history.take(), { excused });
    expect(account.delivery).toMatchObject({ missing: 1, requiredMissing: 0, duplicate: 2, reordered: 1 });
    expect(account.unexcused).toEqual({ missing: 0, duplicate: 1, reordered: 0 });
  });
});

describe('the live counters', () => {
  it('say the same as the account once every deadline has passed', () => {
    const ledger = createLedger(plan);
    const history = everywhere(online(), id(1), 100, [0, 1, 2]);
    everywhere(history, id(2), 200, [0, 2]).arrived(0, 1, id(2), 300);
    history.sent(id(3), 300).arrived(0, 1, id(3), 6000);
    history.published(id(4), 400).settled(id(4), publishOutcome.rejected, 401);
    ledger.add(history.take());
    const live = ledger.live(20_000_000);
    const account = ledger.settle({ nowMicros: 20_000_000, faults: [] });
    const { once, late, missing, duplicate, sent } = account.delivery;
    expect(live).toMatchObject({ once, late, missing, duplicate, sent, expected: once + late + missing });
    expect(live.missingByCause).toEqual(account.missingByCause);
    expect(live.reach).toEqual(account.reach);
  });

  it('count a message as missing only after its deadline, and take it back when it comes after all', () => {
    const ledger = createLedger(plan);
    ledger.add(everywhere(away().subscribed(1, 2, 0, 2001, 3000, true), id(1), 1500, [0, 2]).take());
    expect(ledger.live(6_499_000)).toMatchObject({ missing: 0, once: 2 });
    expect(ledger.live(6_501_000)).toMatchObject({ missing: 1, once: 2 });
    ledger.add(createHistoryWriter().arrived(1, 2, id(1), 7000, arrivalMark.recovered).take());
    expect(ledger.live(7_001_000)).toMatchObject({ missing: 0, once: 2, late: 1, expected: 3 });
  });
});

describe('the peak of connections', () => {
  it('is that of the busiest node within one second, and of the window of its fault only', () => {
    const many = planOf(2, 6);
    const history = createHistoryWriter().everybodyOnline(many, () => 0);
    for (const [client, atMs] of [1000, 1400, 1900, 2399, 2500].entries()) {
      history.closed(client, 1, 950).opened(client, 2, client === 4 ? 0 : 1, atMs);
    }
    const fault = { node: 0, atMicros: 900_000, killed: true };
    // 1400, 1900 and 2399 lie within a second at the second node; the fifth session is one of the first node.
    expect(accountOf(many, history.take(), { faults: [fault] }).faults[0]?.peakConnectsPerSecond).toBe(3);
  });
});
