import type { ClientGroup, LoadSpec } from '../../src/load/load-spec.js';

export function groupOf(change: Partial<ClientGroup> = {}): ClientGroup {
  return {
    name: 'chatters',
    count: 30,
    rooms: 3,
    subscribe: ['/topic/{room}'],
    send: { to: '/topic/{room}', everyMs: 500, sizeBytes: 100, receipt: true, schedule: 'spread' },
    reconnect: { profile: 'full-jitter', minMs: 100, maxMs: 5000, delayMs: undefined, resubscribes: true },
    unsubscribe: undefined,
    recover: true,
    engine: 'lean',
    heartbeatMs: 10_000,
    leavesHard: false,
    via: 'balancer',
    session: false,
    user: undefined,
    connectRatePerSecond: undefined,
    ...change,
  };
}

export function specOf(change: Partial<LoadSpec> = {}): LoadSpec {
  return {
    runId: '0badcafe',
    seed: 1,
    nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({ name, url: `ws://${name}/ws` })),
    balancerUrl: undefined,
    host: undefined,
    headers: {},
    login: undefined,
    passcode: undefined,
    groups: [groupOf()],
    warmupMs: 0,
    durationMs: 1000,
    fenceTimeoutMs: 5000,
    connectTimeoutMs: 10_000,
    ...change,
  };
}
