import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import type { Account } from '../../src/record/account.js';
import { createLedger } from '../../src/record/ledger.js';
import { type Aggregation, evaluateMetric, metricTable } from '../../src/record/metrics.js';
import { parseScenario } from '../../src/scenario/parse.js';
import type { Threshold } from '../../src/scenario/scenario.js';
import { builtinsFolder } from '../../src/scenario/source.js';
import { judgeThresholds } from '../../src/scenario/thresholds.js';

const emptyAccount: Account = createLedger({ runId: 'deadbeef', nodes: [], destinations: [], clients: [] }).settle({
  nowMicros: 0,
  faults: [],
});

const figures: readonly Aggregation[] = ['p', 'min', 'max', 'med', 'avg', 'count', 'rate'];
const bounds: Readonly<Record<Aggregation, string>> = {
  ...{ p: '1s', min: '1s', max: '1s', med: '1s', avg: '1s' },
  ...{ count: '3', rate: '1%' },
};

function thresholdsOf(metric: string, condition: string): readonly Threshold[] | undefined {
  const text = `version: 1\nname: x\nduration: 10s\nclients: [{ name: a, count: 1, subscribe: /topic/a }]\n`;
  const parsed = parseScenario(`${text}thresholds: { ${metric}: ["${condition}"] }\n`, 'f.yaml');
  return parsed.type === 'scenario' ? parsed.scenario.thresholds : undefined;
}

const conditions = Object.keys(metricTable).flatMap((metric) =>
  figures.map((figure) => [metric, `${figure === 'p' ? 'p(95)' : figure} < ${bounds[figure]}`, figure] as const),
);

describe('thresholds and the table of metrics', () => {
  it.each(conditions)(
    '%s, %s: what validates can be evaluated, and the other way round',
    (metric, condition, figure) => {
      const thresholds = thresholdsOf(metric, condition);
      const isInTable = metricTable[metric]?.aggregations[figure] !== undefined;
      expect(thresholds !== undefined).toBe(isInTable);
      if (thresholds === undefined) {
        expect(() => evaluateMetric(emptyAccount, metric, figure, 95)).toThrow('no such metric');
        return;
      }
      const [report] = judgeThresholds(thresholds, emptyAccount, false);
      // Of nothing there is a count, but no share and no quantile.
      expect(report).toMatchObject({ metric, expression: condition, inconclusive: figure !== 'count' });
    },
  );

  it('a metric of no table is refused before a run and throws in one', () => {
    expect(thresholdsOf('generator.loopDelay', 'max < 1s')).toBeUndefined();
    expect(() => evaluateMetric(emptyAccount, 'constructor', 'count')).toThrow('no such metric');
  });

  it('a saturated generator spoils latencies and no counts', () => {
    const judged = ['delivery.latency: ["max < 1s"]', 'delivery.missing: ["count == 0"]'].map((line) => {
      const [metric = '', condition = ''] = line.split(/: \["|"\]/);
      return judgeThresholds(thresholdsOf(metric, condition) ?? [], emptyAccount, true)[0];
    });
    expect(judged).toMatchObject([
      { ok: false, inconclusive: true },
      { ok: true, inconclusive: false },
    ]);
  });
});

describe('the threshold that ended the load', () => {
  const judgedAfter = (line: string, actual: number, isSaturated = false) => {
    const [metric = '', condition = ''] = line.split(': ');
    const thresholds = thresholdsOf(metric, condition) ?? [];
    const [threshold] = thresholds;
    if (threshold === undefined) throw new Error(`${line} is no threshold`);
    return judgeThresholds(thresholds, emptyAccount, isSaturated, { threshold, actual })[0];
  };

  it.each(['delivery.missing: count == 0', 'delivery.unexplained: count == 0'])(
    '%s: is not judged where nothing is missing in the end, and shows that',
    (line) => {
      expect(judgedAfter(line, 10)).toMatchObject({ actual: 0, ok: false, inconclusive: true, endedLoad: true });
    },
  );

  it('has failed with the figure of the account where that says so too', () => {
    const judged = { actual: 0, ok: false, inconclusive: false, endedLoad: true };
    expect(judgedAfter('delivery.missing: count > 5', 3)).toMatchObject(judged);
  });

  it('on a latency is not judged where the generator was saturated, which may come out only later', () => {
    const judged = judgedAfter('delivery.latency: max < 1s', 3_000, true);
    expect(judged).toMatchObject({ ok: false, inconclusive: true });
    expect(judgedAfter('delivery.latency: max < 1s', 3_000)).toMatchObject({ actual: 3_000, inconclusive: false });
  });

  it.each(['delivery.late: count == 0', 'delivery.duplicate: count == 0', 'sessions.lost: count == 0'])(
    '%s: has failed whatever came after',
    (line) => {
      expect(judgedAfter(line, 10)).toMatchObject({ actual: 10, ok: false, inconclusive: false, endedLoad: true });
    },
  );
});

test('Every threshold of a built-in scenario can be evaluated', async () => {
  const files = (await readdir(builtinsFolder())).filter((name) => name.endsWith('.yaml'));
  for (const name of files) {
    const parsed = parseScenario(await readFile(join(builtinsFolder(), name), 'utf8'), name);
    if (parsed.type !== 'scenario') throw new Error(`${name} is invalid`);
    expect(judgeThresholds(parsed.scenario.thresholds, emptyAccount, false)).toHaveLength(
      parsed.scenario.thresholds.length,
    );
  }
});
