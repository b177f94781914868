import { formatCount, formatDuration } from '../../core/quantity.js';
import type { Delivery, Quantiles, Result } from '../../record/result.js';
import { formatQuantile } from '../figures.js';
import { joinFacts, type Style } from '../style.js';

/**
 * Pairs that should have arrived: once + late + missing, which the ledger's identity makes the same as
 * attempted − absent.
 */
export function expectedPairs(delivery: Delivery): number {
  return delivery.attempted - delivery.absent;
}

/** The counts, the latency and the state of the generator. */
export function deliveryLines(result: Result, style: Style): string[] {
  return [
    ...joinFacts(countFacts(result.delivery, style), style, '    '),
    ...absentLines(result, style),
    latencyLine(result.latency.response, style),
    ...joinFacts(generatorFacts(result, style), style, '    '),
  ];
}

function countFacts(delivery: Delivery, style: Style): string[] {
  const { paint } = style;
  const bad = (name: string, count: number): string => {
    const fact = `${name} ${formatCount(count)}`;
    return count === 0 ? fact : paint.red(fact);
  };
  const some = (name: string, count: number): string[] => (count === 0 ? [] : [`${name} ${formatCount(count)}`]);
  return [
    `sent ${formatCount(delivery.sent)}`,
    ...some('rejected', delivery.rejected),
    ...some('without receipt', delivery.indeterminate),
    `expected ${formatCount(expectedPairs(delivery))}`,
    `once ${formatCount(delivery.once)}`,
    `late ${formatCount(delivery.late)}`,
    `duplicate ${formatCount(delivery.duplicate)}`,
    `reordered ${formatCount(delivery.reordered)}`,
    ...(delivery.unexpected === 0 ? [] : [bad('unexpected', delivery.unexpected)]),
    bad('missing', delivery.missing),
    bad('unexplained', delivery.unexplained),
  ];
}

function absentLines(result: Result, style: Style): string[] {
  if (result.delivery.absent === 0) return [];
  const parts = Object.entries(result.absentByCause)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([cause, count]) => `${style.safe(cause)} ${formatCount(count)}`);
  return joinFacts([`rightly absent ${formatCount(result.delivery.absent)}`, ...parts], style, '    ');
}

function latencyLine(response: Quantiles, style: Style): string {
  if (response.count === 0) return '    latency   nothing measured';
  const cells = [
    `min ${formatQuantile(response.minMs, response)}`,
    `med ${formatQuantile(response.p50Ms, response)}`,
    `p90 ${formatQuantile(response.p90Ms, response)}`,
    `p99 ${formatQuantile(response.p99Ms, response)}`,
    `max ${formatQuantile(response.maxMs, response)}`,
  ].join('  ');
  return `    latency   ${cells}  ${style.paint.dim('(from the intended send time)')}`;
}

function generatorFacts(result: Result, style: Style): string[] {
  const { generator } = result;
  const { slip } = result.latency;
  return [
    `generator loop delay p99 ${formatDuration(generator.loopDelayP99Ms)}`,
    `slip p99 ${formatQuantile(slip.p99Ms, slip)}`,
    ...(generator.droppedSends === 0
      ? []
      : [style.paint.yellow(`sends given up ${formatCount(generator.droppedSends)}`)]),
    generator.saturated ? style.paint.yellow('saturated') : 'not saturated',
  ];
}
