import { describe, expect, it } from 'vitest';
import { publishOutcome } from '../../src/record/history.js';
import { evaluateMetric, metricTable } from '../../src/record/metrics.js';
import { accountOf, createHistoryWriter, type MessageId, planOf } from './history-writer.js';

/** Two clients on two nodes. 8 messages of client 0: what became of each is told below. */
const plan = planOf(2, 2);
const id = (sequence: number): MessageId => [0, 1, 0, sequence];
const history = createHistoryWriter().everybodyOnline(plan, (client) => client);
for (const sequence of [1, 2, 3, 4]) history.sent(id(sequence), 100 * sequence);
history.published(id(5), 500).settled(id(5), publishOutcome.rejected, 501).published(id(6), 600);
for (const sequence of [1, 2, 3, 4]) history.arrived(0, 1, id(sequence), 100 * sequence + 10);
// Client 1: 1 twice, 3 before 2, 4 never; then away for half a second, and a foreign message.
for (const [sequence, atMs] of [
  [1, 120],
  [1, 121],
  [3, 320],
  [2, 330],
] as const) {
  history.arrived(1, 1, id(sequence), atMs);
}
history
  .unexpected(1, 'foreign-run', 340)
  .closed(1, 1, 20_000)
  .opened(1, 2, 1, 20_400)
  .subscribed(1, 2, 0, 20_401, 20_500);
history.silent(1, 2, 0, 20_600);
history.published(id(7), 21_000).arrived(0, 1, id(7), 27_000).arrived(1, 2, id(7), 21_005);
history.published(id(8), 22_000).settled(id(8), publishOutcome.acked, 22_001);
const account = accountOf(plan, history.closed(0, 1, 30_000, { intended: true }).take());

describe('every metric with every figure', () => {
  // 16 pairs: 8 in time, 1 late, 3 missing, 4 rightly absent.
  it.each([
    ['delivery.missing', 3, 3 / 12],
    ['delivery.required-missing', 3, 3 / 12],
    ['delivery.required', 12, 9 / 12],
    ['delivery.once', 8, 8 / 12],
    ['delivery.late', 1, 1 / 9],
    ['delivery.absent', 4, 4 / 16],
    ['delivery.duplicate', 1, 1 / 11],
    ['delivery.reordered', 1, 1 / 9],
    ['delivery.unexpected', 1, 1 / 11],
    ['delivery.unexplained', 0, 0],
    ['delivery.rejected', 1, 1 / 8],
    ['delivery.indeterminate', 2, 2 / 8],
    ['clients.connected', 2, 1],
    ['clients.lost', 1, 1 / 2],
    // Nobody logged in, and the share of nothing is not known.
    ['sessions.lost', 0, null],
    ['subscriptions.silent', 1, 1 / 2],
  ])('%s: count and rate', (name, count, rate) => {
    expect([evaluateMetric(account, name, 'count'), evaluateMetric(account, name, 'rate')]).toEqual([count, rate]);
  });

  it.each([
    ['reconnect.count', 1],
    ['reconnect.failed', 0],
  ])('%s: count', (name, count) => {
    expect(evaluateMetric(account, name, 'count')).toBe(count);
  });

  it('reconnect.time has every figure: it is a whole population', () => {
    const figures = (['min', 'max', 'med', 'avg', 'p', 'count'] as const).map((figure) =>
      evaluateMetric(account, 'reconnect.time', figure, 95),
    );
    expect(figures).toEqual([500, 500, 500, 500, 500, 1]);
  });

  it.each([
    ['delivery.latency', 5, 6000],
    ['delivery.service', 5, 6000],
    ['delivery.slip', 0, 0],
  ])('%s: exact edges, and no quantile of too few', (name, min, max) => {
    const figures = (['min', 'max', 'p'] as const).map((figure) => evaluateMetric(account, name, figure, 99));
    expect(figures).toEqual([min, max, null]);
  });

  it('says of each metric what it means, and has a test', () => {
    for (const metric of Object.values(metricTable)) expect(metric.meaning).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(metricTable)).toHaveLength(16 + 2 + 1 + 3);
  });

  it.each([
    ['delivery.missing', 'p'],
    ['delivery.latency', 'count'],
    ['delivery.gone', 'count'],
    ['__proto__', 'count'],
  ] as const)('throws for %s %s: a scenario is checked before it runs', (name, aggregation) => {
    expect(() => evaluateMetric(account, name, aggregation)).toThrow('no such metric');
  });
});
