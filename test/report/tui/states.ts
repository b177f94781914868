import type { ProcessState, ProcessStatus, RunSnapshot } from '../../../src/record/snapshot.js';
import type { DashboardState } from '../../../src/report/tui/dashboard-source.js';

/** A process with plausible figures; a dead one has none. */
export function processAt(name: string, state: ProcessState, index: number): ProcessStatus {
  const alive = state === 'up' || state === 'hung';
  return {
    name,
    role: name.startsWith('node') ? 'node' : name === 'broker' ? 'broker' : 'balancer',
    state,
    pid: alive ? 40_000 + index : null,
    port: alive ? 7100 + index : null,
    url: null,
    ready: state === 'up' ? true : null,
    connections: alive ? 100 : null,
    uptimeMs: alive ? 12_300 : null,
    restarts: index === 2 ? 1 : 0,
    messagesPerSecond: state === 'up' ? 1012 + index * 13 : null,
    cpuPercent: state === 'up' ? 12.4 + index : null,
    rssBytes: alive ? (61 + index) * 1_048_576 : null,
    loopDelayMs: state === 'up' ? 1.2 : null,
    unsentBytes: state === 'up' ? 512 * index : null,
  };
}

/** A run with a kill behind it. */
export const run: RunSnapshot = {
  name: 'one node dies, nobody loses a message',
  seed: 4711,
  phase: 'load',
  elapsedMs: 12_300,
  durationMs: 40_000,
  clients: { connected: 298, total: 300 },
  sent: 3690,
  expected: 36_900,
  once: 36_870,
  late: 12,
  missing: 18,
  duplicate: 3,
  missingByCause: { 'not-subscribed': 12, 'in-flight': 6 },
  response: { minMs: 0.3, p50Ms: 1.1, p90Ms: 2.9, p99Ms: 41.8, p999Ms: null, maxMs: 3410, count: 36_900 },
  reach: {
    nodes: ['node-1', 'node-2', 'node-3'],
    required: [
      [100, 100, 100],
      [100, 0, 100],
      [100, 100, 100],
    ],
    arrived: [
      [100, 99, 100],
      [0, 0, 100],
      [100, 100, 100],
    ],
  },
  faults: [],
  generator: { loopDelayP99Ms: 3, utilisation: 0.4, saturated: false, droppedSends: 0 },
  thresholds: [
    { text: 'delivery.latency p(99) < 250ms', ok: true },
    { text: 'delivery.missing count == 0', ok: false },
    { text: 'reconnect.time p(95) < 3s', ok: null },
  ],
};

/** A cluster of three nodes during that run, one of them hung and one dead. */
export const busy: DashboardState = {
  processes: [
    processAt('balancer', 'up', 0),
    processAt('broker', 'up', 1),
    processAt('node-1', 'up', 2),
    processAt('node-2', 'down', 3),
    processAt('node-3', 'hung', 4),
  ],
  run,
  events: [
    { atMs: 0, level: 'info', text: 'load started with 300 clients' },
    { atMs: 10_000, level: 'warning', text: 'kill node-2' },
    { atMs: 10_003, level: 'info', text: '100 clients noticed that node-2 is gone' },
    { atMs: 11_900, level: 'error', text: 'node-3 does not answer' },
  ],
};
