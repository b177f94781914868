import { code, page, table } from './markdown.js';

/** What a threshold may name, and what a node counts. */
export function metricsPage({ createCounters, formatMetrics, metricTable }) {
  const rows = Object.entries(metricTable).map(([name, { aggregations, meaning, isLatency, better, isExact }]) => [
    code(name),
    Object.entries(aggregations)
      .map(([aggregation, unit]) => code(`${aggregation === 'p' ? 'p(N)' : aggregation}`) + unitOf(unit))
      .join(', '),
    meaning,
    isLatency ? 'yes' : '',
    better === 'neither' ? '' : isExact ? 'none' : better,
  ]);
  return page(
    'Metrics',
    '## Of a run',
    'A threshold names one of these and compares one of its values: `delivery.latency: ["p(99) < 250ms"]`, ' +
      '`delivery.missing: ["count == 0"]`. A rate lies between 0 and 1. A metric that a saturated generator spoils ' +
      'is not judged then: the threshold is inconclusive. `compare` judges by the last column; where none is better, one is a regression.',
    table(['metric', 'values', 'meaning', 'spoilt by a saturated generator', 'better'], rows),
    '## Of a node',
    'Every node prints these at `/metrics`, in the text format of Prometheus, with its name as the label `node`.',
    table(['metric', 'type', 'meaning'], nodeRows(formatMetrics('node-1', createCounters(), noGauges))),
  );
}

/** Only names and meanings are printed, never values. */
const noGauges = new Proxy({}, { get: () => 0 });

function nodeRows(text) {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  return [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name, help]) => [code(name), types.get(name), help]);
}

function unitOf(unit) {
  return unit === 'ms' ? ' (a time)' : '';
}
