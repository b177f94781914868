import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { figures } from '../../src/record/figures.js';
import { judgeFigure, type Side } from '../../src/record/judge-change.js';

function changeOf(name: string, a: readonly number[] | Partial<Side>, b: readonly number[] | Partial<Side>): string {
  const figure = figures.find((each) => each.name === name);
  if (figure === undefined) throw new Error(`no figure ${name}`);
  const side = (of: readonly number[] | Partial<Side>): Side => ({
    ...{ values: [], windows: [], isSaturated: false },
    ...('length' in of ? { values: of } : of),
  });
  return judgeFigure(figure, side(a), side(b))?.change ?? 'not compared';
}

/** The load in 20 parts whose 90th percentile is given. */
const windows = (p90Ms: (part: number) => number | null) =>
  Array.from({ length: 20 }, (_, part) => ({ p50Ms: null, p90Ms: p90Ms(part) }));

describe('what must not be at all', () => {
  it.each([
    [[0], [1], 'worse'],
    [[1], [0], 'better'],
    [[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], 'worse'],
    [[0], [0], 'noise'],
    // Some on both sides: their share decides.
    [[3], [4], 'not compared'],
  ] as const)('missing %j then %j: %s', (a, b, change) => {
    expect(changeOf('delivery.missing count', a, b)).toBe(change);
  });

  it('is judged by its share once there is some on both sides', () => {
    expect(changeOf('delivery.missing rate', [0], [0.01])).toBe('not compared');
    expect(changeOf('delivery.missing rate', [0.01], [0.012])).toBe('noise');
    expect(changeOf('delivery.missing rate', [0.01], [0.05])).toBe('worse');
  });
});

describe('several runs on each side', () => {
  const p99 = 'delivery.latency p(99)';
  it.each([
    ['the same spread', [8, 9, 10, 11, 12], [9, 8, 12, 11, 10], 'noise'],
    ['all worse', [8, 9, 10, 11, 12], [13, 14, 15, 16, 17], 'worse'],
    ['all better', [13, 14, 15, 16, 17], [8, 9, 10, 11, 12], 'better'],
    ['one outlier', [8, 9, 10, 11, 12], [9, 8, 12, 11, 900], 'noise'],
    ['all worse by less than matters', [100, 101, 102, 103, 104], [105, 106, 107, 108, 109], 'noise'],
    ['all worse by less than a millisecond', [0.2, 0.2, 0.2, 0.2, 0.2], [0.9, 0.9, 0.9, 0.9, 0.9], 'noise'],
    ['few runs, apart and by much', [8, 9, 10], [18, 19, 20], 'worse'],
    ['few runs, apart and by little', [10, 11, 12], [12.5, 12.6, 12.7], 'noise'],
    ['few runs that overlap', [8, 9, 30], [29, 40, 50], 'noise'],
  ] as const)('%s', (_, a, b, change) => {
    expect(changeOf(p99, a, b)).toBe(change);
  });

  it('of a share of which more is better, less is worse', () => {
    const [most, less] = [
      [0.999, 0.998, 0.999, 0.998, 0.999],
      [0.97, 0.96, 0.97, 0.96, 0.98],
    ] as const;
    expect(changeOf('delivery.once rate', most, less)).toBe('worse');
    expect(changeOf('delivery.once rate', less, most)).toBe('better');
  });
});

describe('one run on each side', () => {
  const p99 = 'delivery.latency p(99)';
  it('is worse when its parts moved, one beside the other, and by much', () => {
    const before = { values: [20], windows: windows((part) => 10 + part) };
    expect(changeOf(p99, before, { values: [40], windows: windows((part) => 21 + part) })).toBe('worse');
    expect(changeOf(p99, { values: [40], windows: windows((part) => 21 + part) }, before)).toBe('better');
    // As often above as below.
    const mixed = windows((part) => 10 + part + (part % 2 === 0 ? 6 : -6));
    expect(changeOf(p99, before, { values: [40], windows: mixed })).toBe('noise');
    expect(changeOf(p99, before, { values: [24], windows: windows((part) => 12 + part) })).toBe('noise');
  });

  it('without enough samples in its parts is worse only beyond doubt', () => {
    const without = windows(() => null);
    expect(changeOf(p99, { values: [20], windows: without }, { values: [60], windows: without })).toBe('noise');
    expect(changeOf(p99, { values: [20], windows: without }, { values: [200], windows: without })).toBe('worse');
  });

  it('a saturated generator and a single maximum say nothing', () => {
    expect(changeOf(p99, [20], { values: [2000], isSaturated: true })).toBe('unjudged');
    expect(changeOf('delivery.latency max', [20], [2000])).toBe('unjudged');
    expect(changeOf(p99, [20], [])).toBe('unjudged');
    expect(changeOf(p99, [], [])).toBe('not compared');
  });
});

it('counts that grow with the length of the load, and what the faults decide, are not compared', () => {
  for (const name of ['delivery.late count', 'delivery.latency avg', 'reconnect.count count', 'reconnect.time count']) {
    expect([name, changeOf(name, [1], [1000])]).toEqual([name, 'not compared']);
  }
});

it('of runs that are drawn alike, hardly any figure is called changed', () => {
  const random = createRandom(20_261_125);
  // Latencies of one build: a long tail, and now and then a run on a busy machine.
  const run = (): number => 10 * Math.exp(random.next() + random.next()) * (random.int(6) === 0 ? 3 : 1);
  const changes = Array.from({ length: 2000 }, () =>
    changeOf('delivery.latency p(99)', Array.from({ length: 5 }, run), Array.from({ length: 5 }, run)),
  );
  const changed = changes.filter((change) => change !== 'noise').length;
  // 1 in 252 for each direction is what complete separation of five and five allows.
  expect(changed).toBeGreaterThan(0);
  expect(changed / changes.length).toBeLessThan(0.02);
});
