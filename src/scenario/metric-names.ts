import type { MetricKind } from './expression.js';

/** Metrics on which a scenario may put a threshold. */
export const metricKinds: ReadonlyMap<string, MetricKind> = new Map([
  ['delivery.latency', 'time'],
  ['delivery.service', 'time'],
  ['delivery.slip', 'time'],
  ['delivery.missing', 'count'],
  ['delivery.late', 'count'],
  ['delivery.duplicate', 'count'],
  ['delivery.reordered', 'count'],
  ['delivery.unexpected', 'count'],
  ['delivery.unexplained', 'count'],
  ['delivery.required', 'count'],
  ['delivery.once', 'count'],
  ['delivery.absent', 'count'],
  ['reconnect.time', 'time'],
  ['reconnect.count', 'count'],
  ['generator.loopDelay', 'time'],
  ['clients.lost', 'count'],
  ['sessions.lost', 'count'],
]);
