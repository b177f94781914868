import { metricTable } from '../record/metrics.js';
import { assembleSteps, type LineOf } from './assemble-steps.js';
import { parseExpression } from './expression.js';
import { rampTimeoutMs } from './ramp.js';
import type { ClientGroup, ClusterSystem, Scenario, TargetSystem, Threshold } from './scenario.js';
import type { ScenarioFile } from './schema.js';

/** What comes on top of the ramp and the phases of a run before it counts as hanging. */
const reserveMs = 120_000;

/** Makes a scenario of a file that passed all checks. */
export function assembleScenario(file: ScenarioFile, lineOf: LineOf): Scenario {
  const system = file.target === undefined ? clusterOf(file.cluster ?? {}) : targetOf(file.target);
  const hasBalancer = system.type === 'cluster' && system.balancer.kind !== 'none';
  // Long enough for a slow system, and in proportion to a short scenario, but longer than a busy machine stands still.
  const quietMs = file.drain.quiet ?? Math.min(30_000, Math.max(3_000, file.duration / 4));
  const clients = file.clients.map((group) => clientsOf(group, hasBalancer ? 'balancer' : 'nodes'));
  const usualMs = rampTimeoutMs(clients) + file.warmup + file.duration + file.fenceTimeout + quietMs + reserveMs;
  return {
    version: file.version,
    name: file.name,
    seed: file.seed,
    system,
    clients,
    warmupMs: file.warmup,
    durationMs: file.duration,
    drain: { quietMs },
    fenceTimeoutMs: file.fenceTimeout,
    deadlineMs: file.deadline,
    ...assembleSteps(file, lineOf),
    contract: file.contract,
    settleMs: file.settle,
    thresholds: Object.entries(file.thresholds).flatMap(([metric, conditions]) =>
      conditions.map((condition, index) => thresholdOf(metric, condition, lineOf(['thresholds', metric, index]))),
    ),
    timeoutMs: file.timeout ?? usualMs,
  };
}

function clusterOf(cluster: Partial<NonNullable<ScenarioFile['cluster']>>): ClusterSystem {
  return {
    type: 'cluster',
    nodes: cluster.nodes ?? 3,
    broker: cluster.broker ?? 'embedded',
    historyMs: cluster.history,
    sessions: cluster.sessions ?? 'memory',
    balancer: cluster.balancer ?? { kind: 'embedded', policy: 'round-robin' },
    program: cluster.program,
    port: cluster.port ?? 0,
    readyTimeoutMs: cluster.readyTimeout ?? 15_000,
  };
}

function targetOf(target: NonNullable<ScenarioFile['target']>): TargetSystem {
  const { urls, login, passcode, host, headers } = target;
  return { type: 'target', urls, login, passcode, host, headers };
}

function clientsOf(group: ScenarioFile['clients'][number], via: 'balancer' | 'nodes'): ClientGroup {
  const { name, count, rooms, send, connect, reconnect, recover, engine, crash } = group;
  return {
    name,
    count,
    rooms,
    user: group.user,
    subscribe: group.subscribe ?? [],
    send: send && {
      to: send.to,
      everyMs: send.every,
      sizeBytes: send.size,
      receipt: send.receipt,
      schedule: send.schedule,
      start: send.start,
    },
    connect: { ratePerSecond: connect.rate, via: connect.via ?? via },
    reconnect: {
      profile: reconnect.profile,
      minMs: reconnect.min ?? Math.min(100, reconnect.max ?? 100),
      maxMs: reconnect.max ?? Math.max(5_000, reconnect.min ?? 0),
      delayMs: reconnect.delay,
      resubscribes: reconnect.resubscribe,
    },
    unsubscribe: group.unsubscribe && { everyMs: group.unsubscribe.every, forMs: group.unsubscribe.for },
    recover,
    engine,
    session: group.session,
    heartbeatMs: group.heartbeat,
    crash,
  };
}

function thresholdOf(
  metric: string,
  condition: ScenarioFile['thresholds'][string][number],
  line: number | null,
): Threshold {
  const text = typeof condition === 'string' ? condition : condition.expr;
  const known = metricTable[metric];
  const parsed = known === undefined ? undefined : parseExpression(text, known);
  if (parsed?.type !== 'expression') throw new Error('a threshold that cannot be read passed the checks');
  const abortOnFail = typeof condition !== 'string' && condition.abortOnFail;
  return { metric, text, expression: parsed.expression, abortOnFail, line };
}
