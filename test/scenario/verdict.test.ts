import { describe, expect, it } from 'vitest';
import type { Injection } from '../../src/faults/fault.js';
import type { Account } from '../../src/record/account.js';
import { createLedger } from '../../src/record/ledger.js';
import type { Cause } from '../../src/record/result.js';
import { excusedBy } from '../../src/scenario/run-result.js';
import { type Evidence, judge } from '../../src/scenario/verdict.js';

const nothing = createLedger({ runId: 'deadbeef', nodes: [], destinations: [], clients: [] }).settle({
  nowMicros: 0,
  faults: [],
});

interface Found {
  readonly requiredMissing?: number;
  readonly missing?: Partial<Record<Cause, number>>;
  readonly duplicate?: number;
  readonly unexcused?: Partial<Account['unexcused']>;
  readonly unexpected?: number;
  readonly required?: number;
}

function accountWith({ requiredMissing = 0, missing = {}, duplicate = 0, unexpected = 0, ...found }: Found): Account {
  const total = Object.values(missing).reduce((a, b) => a + b, 0);
  const delivery = { ...nothing.delivery, required: found.required ?? 100, missing: total };
  return {
    ...nothing,
    delivery: { ...delivery, requiredMissing, duplicate, unexpected },
    missingByCause: missing,
    unexcused: { missing: 0, duplicate: 0, reordered: 0, ...found.unexcused },
  };
}

function verdictOf(contract: Evidence['contract'], found: Found, more: Partial<Evidence> = {}) {
  return judge({
    ...{ contract, account: accountWith(found), thresholds: [], faults: [], isDrained: true, cutBecause: undefined },
    generator: { loopDelayP99Ms: 0, utilisation: 0, saturated: false, droppedSends: 0 },
    ...more,
  });
}

const passed = { verdict: 'pass', reasons: [] };

describe('the contract steady', () => {
  it.each([
    [{ requiredMissing: 2, missing: { 'broker-gap': 2 }, unexcused: { missing: 2 } }, '2 required deliveries missing'],
    [{ missing: { 'not-subscribed': 1 }, unexcused: { missing: 1 } }, '1 message missed outside of any fault'],
    [{ duplicate: 1, unexcused: { duplicate: 1 } }, '1 duplicate outside of any fault'],
    [{ unexcused: { reordered: 3 } }, '3 messages out of order outside of any fault'],
    [{ unexpected: 1 }, '1 arrival that must not be'],
  ])('is broken by %j', (found, breach) => {
    expect(verdictOf('steady', found)).toEqual({ verdict: 'fail', reasons: [`contract steady: ${breach}`] });
  });

  it('excuses what was missing, duplicated or reordered inside of a fault', () => {
    expect(verdictOf('steady', { missing: { 'in-flight': 9 }, duplicate: 4 })).toEqual(passed);
  });

  it('does not count losses of one fault against losses outside of all', () => {
    const never = { noticedMs: null, connectedMs: null, recoveredMs: null, firstMessageMs: null };
    const faults = [{ droppedClients: 0, ...never, missing: 50, peakConnectsPerSecond: 0 }];
    const account = { ...accountWith({ missing: { 'in-flight': 51 }, unexcused: { missing: 1 } }), faults };
    expect(verdictOf('steady', {}, { account }).reasons).toEqual([
      'contract steady: 1 message missed outside of any fault',
    ]);
  });
});

describe('the contract at-least-once', () => {
  it('allows duplicates and what nobody promised', () => {
    const found = { duplicate: 9, missing: { 'not-subscribed': 3 }, unexcused: { duplicate: 9, missing: 3 } } as const;
    expect(verdictOf('at-least-once', found)).toEqual(passed);
  });

  it('is broken by a required delivery that is missing', () => {
    expect(verdictOf('at-least-once', { requiredMissing: 1, missing: { unexplained: 1 } }).verdict).toBe('fail');
  });
});

describe('the contract at-most-once', () => {
  it('allows no duplicates, wherever', () => {
    expect(verdictOf('at-most-once', { duplicate: 1 }).verdict).toBe('fail');
  });

  it('allows losses inside of a fault by a cause that a fault may have, and no other', () => {
    expect(verdictOf('at-most-once', { missing: { 'in-flight': 3, 'broker-gap': 2 } })).toEqual(passed);
    expect(verdictOf('at-most-once', { missing: { 'in-flight': 3 }, unexcused: { missing: 1 } }).reasons).toEqual([
      'contract at-most-once: 1 message missed outside of any fault',
    ]);
    expect(verdictOf('at-most-once', { missing: { 'never-relayed': 1, unexplained: 2 } }).reasons).toEqual([
      'contract at-most-once: 1 delivery never-relayed, which no fault excuses',
      'contract at-most-once: 2 deliveries unexplained, which no fault excuses',
    ]);
  });
});

describe('a run is inconclusive when', () => {
  const fault = {
    ...{ type: 'kill', node: 'node-2', atMs: 0, observed: false, droppedClients: 0, noticedMs: null },
    ...{ recoveredMs: null, readyMs: null, missing: 0 },
  };
  const threshold = { metric: 'delivery.latency', expression: 'max < 1s', actual: 3, line: null };
  it.each([
    ['nothing was required', { required: 0 }, {}],
    ['the drain did not end', {}, { isDrained: false }],
    ['the fault "kill node-2" was not seen to have happened', {}, { faults: [fault] }],
    ['evidence was cut: a worker died', {}, { cutBecause: 'a worker died' }],
    ['1 threshold cannot be judged', {}, { thresholds: [{ ...threshold, ok: false, inconclusive: true }] }],
    [
      'the generator gave up 3 sends',
      {},
      { generator: { loopDelayP99Ms: 0, utilisation: 0, saturated: false, droppedSends: 3 } },
    ],
    [
      '1 subscription never confirmed',
      {},
      { account: { ...accountWith({}), unconfirmed: [{ client: 0, destination: 0 }] } },
    ],
  ])('%s', (reason, found, more) => {
    const judged = verdictOf('at-least-once', found, more);
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.reasons[0]).toContain(reason);
  });

  it('evidence was cut, whatever had gone wrong until then, which is said', () => {
    expect(
      verdictOf('at-least-once', { requiredMissing: 5 }, { cutBecause: 'a worker died', isDrained: false }),
    ).toEqual({
      verdict: 'inconclusive',
      reasons: ['evidence was cut: a worker died', 'until then: contract at-least-once: 5 required deliveries missing'],
    });
  });

  it('fail beats inconclusive, and a failed threshold is named', () => {
    const thresholds = [{ ...threshold, ok: false, inconclusive: false }];
    expect(verdictOf('custom', { required: 0, requiredMissing: 5 }, { thresholds })).toEqual({
      verdict: 'fail',
      reasons: ['threshold delivery.latency max < 1s', 'nothing was required: no delivery could have been missed'],
    });
  });
});

describe('what the contract excuses', () => {
  const endings: Readonly<Record<string, readonly string[]>> = {
    pause: ['unpause'],
    blackhole: ['heal-blackhole'],
    cut: ['mend'],
    exhaust: ['heal-exhaust', 'kill', 'stop', 'start', 'restart'],
  };
  const injected = (type: Injection['type'], atMicros: number, observedAtMicros: number | undefined): Injection => ({
    ...{ type, name: 'node-2', atMicros, observedAtMicros, failure: undefined, killed: false, disturbs: true },
    endedBy: endings[type] ?? [],
    readyMs: null,
  });

  it('lasts from a fault until it has happened and settled', () => {
    expect(excusedBy('steady', [injected('kill', 100, 200)], 1)).toEqual([{ fromMicros: 100, toMicros: 1200 }]);
    expect(excusedBy('at-most-once', [injected('kill', 100, undefined)], 1)).toEqual([
      { fromMicros: 100, toMicros: 1100 },
    ]);
  });

  it('lasts as long as a node is paused', () => {
    const pause = [injected('pause', 100, 101), injected('unpause', 9000, 9001)];
    expect(excusedBy('steady', pause, 1)[0]).toEqual({ fromMicros: 100, toMicros: 10_001 });
    expect(excusedBy('steady', pause.slice(0, 1), 1)[0]?.toMicros).toBe(Number.POSITIVE_INFINITY);
  });

  it('lasts as long as a link is disturbed, whatever else is done to the node meanwhile', () => {
    const blackhole = [
      injected('blackhole', 100, 101),
      injected('latency', 200, 201),
      injected('heal-latency', 300, 301),
    ];
    expect(excusedBy('steady', blackhole, 1)[0]?.toMicros).toBe(Number.POSITIVE_INFINITY);
    const healed = [...blackhole, injected('heal-blackhole', 9000, 9001)];
    expect(excusedBy('steady', healed, 1)[0]?.toMicros).toBe(10_001);
  });

  it('lasts as long as a link is disturbed on one side, although what was done to the other is over', () => {
    const [one, other] = [injected('blackhole', 100, 101), injected('blackhole', 200, 201)];
    const end = (of: Injection, atMicros: number): Injection => ({
      ...injected('heal-blackhole', atMicros, atMicros + 1),
      ends: of.atMicros,
    });
    const windows = excusedBy('steady', [one, other, end(one, 500), end(other, 9000)], 1);
    expect(windows.slice(0, 2).map(({ toMicros }) => toMicros)).toEqual([1501, 10_001]);
  });

  it('ends for a process without descriptors with its life', () => {
    const exhausted = [injected('exhaust', 100, 101), injected('kill', 9000, 9001)];
    expect(excusedBy('steady', exhausted, 1)[0]?.toMicros).toBe(10_001);
  });

  it('ends for a link that was cut when the links of all nodes are mended', () => {
    const cut = [injected('cut', 100, 101), { ...injected('mend', 9000, 9001), name: 'broker' }];
    expect(excusedBy('steady', cut, 1)[0]?.toMicros).toBe(10_001);
  });

  it('is nothing where messages must arrive at least once', () => {
    expect(excusedBy('at-least-once', [injected('kill', 100, 200)], 1)).toEqual([]);
  });
});
