import { describe, expect, it } from 'vitest';
import { type ComparedRun, compareRuns } from '../../src/record/comparison.js';
import { summarizeRepeat } from '../../src/record/repeat.js';
import type { Result } from '../../src/record/result.js';
import { formatComparison } from '../../src/report/comparison.js';
import { repeatedRunLine, repeatLines } from '../../src/report/repeat.js';
import { createStyle } from '../../src/report/style.js';
import { hostileStrings, infect, obeyedByTerminals } from './hostile.js';
import { failed, passed } from './results.js';

const style = createStyle({ color: false, unicode: true, width: 100 });
const ascii = createStyle({ color: false, unicode: false, width: 100 });

function withFigures(result: Result, figures: Readonly<Record<string, number | null>>): Result {
  return { ...result, figures };
}

function sideOf(folder: string, ...results: readonly Result[]): { folder: string; runs: ComparedRun[] } {
  return { folder, runs: results.map((result) => ({ folder, result, windows: [] })) };
}

const clean = withFigures(passed, { 'delivery.missing count': 0, 'delivery.latency p(99)': 40 });
const broken = withFigures(
  { ...failed, seed: 5, manifest: { ...failed.manifest, nodes: 2 } },
  { 'delivery.missing count': 7, 'delivery.latency p(99)': null },
);

describe('a comparison', () => {
  it('says what is not the same before anything else, then what got worse', () => {
    const text = formatComparison(compareRuns(sideOf('a', clean), sideOf('b', broken)), style);
    const order = ['A  a', 'B  b', 'nodes: 3 in A, 2 in B', 'seed: 4711 in A, 5 in B', 'WORSE', 'GOT WORSE'];
    expect(order.map((part) => text.indexOf(part))).toEqual(
      [...order.map((part) => text.indexOf(part))].sort((x, y) => x - y),
    );
    for (const part of order) expect(text).toContain(part);
    expect(text).toMatch(/✗ verdict fail +0 → 1 +there was none/);
    expect(text).toMatch(/✗ delivery\.missing count +0 → 7 +there was none/);
    expect(text).toMatch(/\? delivery\.latency p\(99\) +40\.0ms → n\/a +measured on one side only/);
  });

  it('of several runs shows the median and its bounds', () => {
    const runs = [8, 9, 10, 11, 12].map((p99) => withFigures(passed, { 'delivery.latency p(99)': p99 }));
    const slow = [18, 19, 20, 21, 22].map((p99) => withFigures(passed, { 'delivery.latency p(99)': p99 }));
    const comparison = compareRuns(sideOf('a', ...runs), sideOf('b', ...slow));
    expect(comparison).toMatchObject({ regressions: 1, improvements: 0, differences: [] });
    const text = formatComparison(comparison, style);
    expect(text).toMatch(/10\.0ms \(8\.0ms to 12\.0ms\) → 20\.0ms \(18\.0ms to 22\.0ms\) +chance 0\.4%/);
  });

  it('says that a machine was busier, and judges nothing by evidence that was cut', () => {
    const busy = { ...clean, generator: { ...clean.generator, loopDelayP99Ms: 88 } };
    expect(compareRuns(sideOf('a', clean), sideOf('b', busy)).differences).toEqual([
      expect.stringMatching(/^busy machine: the generator waited p99 \S+ in A, 88\.0ms in B$/),
    ]);
    const cut: Result = { ...broken, verdict: 'inconclusive', reasons: ['evidence was cut: by hand'] };
    expect(compareRuns(sideOf('a', clean), sideOf('b', cut))).toMatchObject({
      ...{ cut: ['b'], regressions: 0, figures: [] },
    });
  });
});

describe('texts about many runs', () => {
  it('obey no stranger, on any terminal', () => {
    for (const hostile of hostileStrings) {
      const evil = infect(broken, hostile, (text) => ['fail', 'cluster-chat/result@1'].includes(text));
      const repeat = summarizeRepeat([{ folder: hostile, result: evil }], { name: hostile, times: 2 });
      for (const each of [style, ascii]) {
        const texts = [
          formatComparison(compareRuns(sideOf(hostile, clean), sideOf(hostile, evil)), each),
          repeatedRunLine(evil, each),
          ...repeatLines(repeat, each),
        ];
        for (const text of texts) expect(obeyedByTerminals(text)).toEqual([]);
      }
    }
  });

  it('are ASCII where the terminal reads nothing else', () => {
    const text = formatComparison(compareRuns(sideOf('a', clean), sideOf('b', broken)), ascii);
    const repeat = summarizeRepeat([{ folder: 'run-1', result: broken }], { name: 'x', times: 1 });
    const all = [text, repeatedRunLine(broken, ascii), ...repeatLines(repeat, ascii)].join('\n');
    expect([...all].filter((character) => character.charCodeAt(0) > 126)).toEqual([]);
  });

  it('name the worst verdict, and how many runs there are not', () => {
    const results = [clean, clean, broken].map((result, index) => ({ folder: `run-${index + 1}`, result }));
    const repeat = summarizeRepeat(results, { name: 'x', times: 4 });
    expect(repeat).toMatchObject({ verdict: 'fail', verdicts: { pass: 2, fail: 1, inconclusive: 0 }, partial: true });
    expect(repeat.spread).toContainEqual({
      ...{ figure: 'delivery.missing count', unit: 'count', runs: 3, min: 0, median: 0, max: 7 },
    });
    expect(repeatLines(repeat, style).at(-1)).toBe('  ✗ fail  2 passed · 1 failed · 0 inconclusive · 1 not run');
  });
});
