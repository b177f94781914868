import { describe, expect, it } from 'vitest';
import type { Result } from '../../src/record/result.js';
import { formatSummary, type SummaryOptions } from '../../src/report/summary.js';
import { hostileStrings, infect, obeyedByTerminals } from './hostile.js';
import { failed, inconclusive, passed } from './results.js';

const options: SummaryOptions = {
  color: false,
  unicode: true,
  width: 100,
  scenarioPath: 'scenarios/failover.yaml',
  runDir: '.cluster-chat/runs/x',
  repeatCommand: 'npx cluster-chat run failover --seed 4711',
};

describe('HTTP sessions in the summary', () => {
  const counts = { logins: 60, failedLogins: 0, lostAtConnect: 0, lostAtReconnect: 0, relogins: 0 };
  const linesOf = (httpSessions: Result['httpSessions'], width = 100): string[] =>
    formatSummary(httpSessions === undefined ? passed : { ...passed, httpSessions }, { ...options, width })
      .split('\n')
      .filter((line) => /HTTP SESSIONS|logged in again/.test(line));

  it('have a line of their own, which says who was logged out', () => {
    expect(linesOf(counts)).toEqual(['  HTTP SESSIONS   logged in 60 · logged out by a fail-over 0']);
    expect(linesOf({ ...counts, lostAtReconnect: 20, relogins: 20 })).toEqual([
      '  HTTP SESSIONS   logged in 60 · logged out by a fail-over 20 · logged in again 20',
    ]);
    expect(linesOf({ ...counts, lostAtConnect: 40, relogins: 40, failedLogins: 3 }).join('')).toContain(
      'not known to the next node 40',
    );
  });

  it('have none where nobody logs in', () => {
    expect(linesOf(undefined)).toEqual([]);
    expect(linesOf({ ...counts, logins: 0 })).toEqual([]);
  });
});

describe('the summary of a run', () => {
  it('says of a pass what was proven', () => {
    expect(formatSummary(passed, options)).toBe(`
  one node dies, nobody loses a message                   seed 4711 · 40.0 s · 3 nodes · 300 clients

  THRESHOLDS
    ✓ delivery.latency  p(99) < 250ms  41.8ms
    ✓ delivery.missing  count == 0     0 of 120,000
  FAULTS
     10.0s kill node-2     100 clients dropped · noticed 3.0ms · all subscribed again after 1.90s
                           missing 0
     20.0s start node-2    ready after 300ms
    reconnects 100 · med 640ms · p95 1.40s · max 1.90s
  DELIVERY
    sent 12,000 · expected 120,000 · once 119,788 · late 212 · duplicate 3 · reordered 0 · missing 0
    unexplained 0
    latency   min 0.31ms  med 1.1ms  p90 2.9ms  p99 41.8ms  max 3.41s  (from the intended send time)
    generator loop delay p99 3.0ms · slip p99 0.40ms · not saturated
  REACH          to node-1  node-2  node-3
    from node-1       100%    100%    100%
    from node-2       100%    100%    100%
    from node-3       100%    100%    100%

  ✓ PASSED  2 of 2 thresholds        .cluster-chat/runs/x
    npx cluster-chat run failover --seed 4711
`);
  });

  it('says of a failure which threshold, which messages and which way', () => {
    expect(formatSummary(failed, options)).toBe(`
  the simple broker                                       seed 4711 · 40.0 s · 3 nodes · 300 clients

  THRESHOLDS
    ✓ delivery.latency  p(99) < 250ms  41.8ms
    ✗ delivery.missing  count == 0     78,003 of 120,000   scenarios/failover.yaml:28
  FAULTS
     10.0s kill node-2     100 clients dropped · noticed 3.0ms · all subscribed again after 1.90s
                           missing 0
     20.0s start node-2    ready after 300ms
    reconnects 100 · med 640ms · p95 1.40s · max 1.90s
  DELIVERY
    sent 12,000 · expected 120,000 · once 41,997 · late 0 · duplicate 0 · reordered 0
    missing 78,003 · unexplained 2
    latency   min 0.31ms  med 1.1ms  p90 2.9ms  p99 41.8ms  max 3.41s  (from the intended send time)
    generator loop delay p99 3.0ms · slip p99 0.40ms · not saturated
  MISSING
         2  unexplained     no evidence tells why; a defect until proven otherwise
    77,989  broker-gap      it never reached the node of the subscriber
        12  not-subscribed  sent while the subscriber was away; nothing replayed them
    of these 12 were promised by no contract, but a user felt them
    for example
      unexplained: chatters-1/1/7 to chatters-17 on /topic/room-1, sent at 15.0s
      broker-gap: chatters-4/0/42 to chatters-9 on /topic/room-3, sent at 12.3s
  GAPS
    chatters-17 was away 1.90s and missed 9 messages (node-2)
    chatters-18 was away 1.50s and missed 1 message (node-2)
    chatters-19 was away 100ms and missed 1 message (node-2)
    in all 4 gaps with 12 messages
  REACH          to node-1  node-2  node-3
    from node-1       100%      0%       –
    from node-2         0%    100%   99.9%
    from node-3         0%      0%    100%

  ✗ FAILED  1 of 2 thresholds        .cluster-chat/runs/x
    • contract at-least-once: 78,003 required deliveries are missing
    • threshold delivery.missing count == 0
    npx cluster-chat run failover --seed 4711
`);
  });

  it('says first why a run cannot be judged', () => {
    expect(formatSummary(inconclusive, options)).toBe(`
  one node dies, nobody loses a message                   seed 4711 · 40.0 s · 3 nodes · 300 clients

  ! inconclusive: the fault kill node-2 was not seen to happen
  ! inconclusive: latency was judged while the generator was saturated
  ! the generator was saturated: counts are exact, latencies may be those of this machine
  ! ended early: the figures are of the part that ran

  THRESHOLDS
    ? delivery.latency  p(99) < 250ms  nothing measured   not judged
  FAULTS
     10.0s kill node-2    ? was not seen to happen
  DELIVERY
    sent 12,000 · without receipt 5 · expected 120,000 · once 119,788 · late 212 · duplicate 3
    reordered 0 · missing 0 · unexplained 0
    rightly absent 10 · before-subscription 6 · rejected 4
    latency   min 0.50ms  med 2.0ms  p90 n/a (n=40)  p99 n/a (n=40)  max 9.0ms  (from the intended send time)
    generator loop delay p99 120ms · slip p99 n/a (n=0) · sends given up 7 · saturated
  REACH          to node-1  node-2  node-3
    from node-1       100%    100%    100%
    from node-2       100%    100%    100%
    from node-3       100%    100%    100%

  ? INCONCLUSIVE  0 of 1 threshold met        .cluster-chat/runs/x
    npx cluster-chat run failover --seed 4711
`);
  });

  it('shows every untrusted text without letting it command a terminal or a CI runner', () => {
    for (const hostile of hostileStrings) {
      for (const unicode of [true, false]) {
        const text = formatSummary(infected(failed, hostile), {
          ...options,
          color: true,
          unicode,
          scenarioPath: hostile,
          runDir: hostile,
          repeatCommand: hostile,
        });
        expect(obeyedByTerminals(text)).toEqual([]);
      }
    }
  });

  it('is pure ASCII where the locale is not UTF-8, whatever a peer is called', () => {
    const text = formatSummary(infected(failed, 'é漢👨'), { ...options, unicode: false });
    expect(text).toMatch(/^[\n\x20-\x7e]+$/);
    expect(text).toContain('\\u{e9}\\u{6f22}\\u{1f468}');
  });

  it('prints no escape character without colour, and closes every colour with it', () => {
    expect(formatSummary(failed, options)).not.toContain('\u001b');
    const text = formatSummary(failed, { ...options, color: true });
    expect(text).toContain('\u001b[31m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
    const codes = [...text.matchAll(/\u001b\[(\d+)m/g)].map((match) => match[1]);
    const opened = codes.filter((code) => ['1', '2', '31', '32', '33', '36'].includes(code ?? '')).length;
    expect(codes.length - opened).toBe(opened);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
    expect(text.replace(/\u001b\[\d+m/g, '')).toBe(formatSummary(failed, options));
  });

  it('shows as much of a large matrix as fits into 120 columns and says whether a hole is hidden', () => {
    const nodes = Array.from({ length: 20 }, (_, index) => `node-${index + 1}`);
    const full = nodes.map(() => nodes.map(() => 10));
    const holed = full.map((row, origin) => row.map((value, node) => (origin === 19 && node === 0 ? 3 : value)));
    const wide = { ...options, width: 400 };
    const clean = formatSummary({ ...passed, reach: { nodes, required: full, arrived: full } }, wide);
    expect(clean).toContain('node-11');
    expect(clean).not.toContain('node-12');
    expect(clean).toContain('more nodes not shown (in result.json), all of them at 100%');
    const hole = formatSummary({ ...passed, reach: { nodes, required: full, arrived: holed } }, wide);
    expect(hole).toContain('more nodes not shown (in result.json), 1 of their cells below 100%');
  });

  it('never rounds a loss up to 100% nor an arrival down to 0%', () => {
    const reach = {
      nodes: ['a', 'b'],
      required: [
        [1_000_000, 1_000_000],
        [5, 0],
      ],
      arrived: [
        [999_999, 1],
        [0, 0],
      ],
    };
    const text = formatSummary({ ...passed, reach }, options);
    expect(text).toMatch(/from a +99\.9% +0\.1%$/m);
    expect(text).toMatch(/from b +0% +–$/m);
  });

  it('shows unexplained examples first and no more than five', () => {
    const [gap, unexplained] = failed.missingExamples;
    if (gap === undefined || unexplained === undefined) throw new Error('the fixture lost its examples');
    const missingExamples = [...Array.from({ length: 9 }, (_, index) => ({ ...gap, sequence: index })), unexplained];
    const lines = formatSummary({ ...failed, missingExamples }, options).split('\n');
    const start = lines.indexOf('    for example') + 1;
    expect(lines[start]).toContain('unexplained: chatters-1/1/7');
    expect(lines.slice(start).filter((line) => line.includes('sent at'))).toHaveLength(5);
  });
});

/** The causes are a closed list and the verdict is one of three; everything else may come from outside. */
function infected(result: Result, hostile: string): Result {
  const own = new Set<string>(['pass', 'fail', 'inconclusive', 'broker-gap', 'unexplained', 'not-subscribed']);
  return infect(result, hostile, (text) => own.has(text));
}

describe('silent subscriptions in the summary', () => {
  const silence = {
    node: 'node-2',
    destination: '/topic/a',
    kind: 'zombie-subscription',
    sinceMs: 8000,
    untilMs: null,
  };
  const linesOf = (silences: Result['silences']): string[] =>
    formatSummary({ ...passed, ...(silences && { silences }) }, options)
      .split('\n')
      .filter((line) => /SILENT|heard nothing|silences/.test(line));

  it('have a section of their own, the longest first, and none where there are none', () => {
    expect(linesOf([])).toEqual([]);
    expect(linesOf(undefined)).toEqual([]);
    const shorter = { ...silence, client: 'b', kind: 'missing-resubscribe', sinceMs: 1000, untilMs: 2500 } as const;
    expect(linesOf([shorter, { ...silence, client: 'a', kind: 'zombie-subscription' }])).toEqual([
      '  SILENT',
      '    ✗ a on node-2 heard nothing on /topic/a since 8.0s (zombie-subscription)',
      '    ✗ b on node-2 heard nothing on /topic/a since 1.0s for 1.50s (missing-resubscribe)',
    ]);
  });

  it('beyond five are only counted', () => {
    const many = Array.from({ length: 7 }, (_, index) => ({ ...silence, client: `c-${index}` }));
    const lines = linesOf(many as Result['silences']);
    expect(lines).toHaveLength(7);
    expect(lines.at(-1)).toContain('in all 7 silences');
  });
});
