import type { ClientGroup as LoadGroup, LoadSpec } from '../load/load-spec.js';
import type { ClientGroup, Scenario, SendPlan } from './scenario.js';
import type { System } from './system.js';

function scheduleOf(send: SendPlan): NonNullable<LoadGroup['send']>['schedule'] {
  if (send.schedule === 'poisson') return 'poisson';
  return send.start;
}

function groupOf(group: ClientGroup): LoadGroup {
  const { send, connect } = group;
  return {
    name: group.name,
    count: group.count,
    rooms: group.rooms,
    subscribe: group.subscribe,
    send:
      send === undefined
        ? undefined
        : {
            to: send.to,
            everyMs: send.everyMs,
            sizeBytes: send.sizeBytes,
            receipt: send.receipt,
            schedule: scheduleOf(send),
          },
    reconnect: group.reconnect,
    unsubscribe: group.unsubscribe,
    recover: group.recover,
    engine: group.engine,
    user: group.user,
    session: group.session,
    heartbeatMs: group.heartbeatMs,
    leavesHard: group.crash,
    via: connect.via,
    connectRatePerSecond: connect.ratePerSecond,
  };
}

/** What the workers must know of a scenario, once it is known where everything listens. */
export function toLoadSpec(scenario: Scenario, system: System, run: { runId: string; seed: number }): LoadSpec {
  const target = scenario.system.type === 'target' ? scenario.system : undefined;
  return {
    runId: run.runId,
    seed: run.seed,
    nodes: system.nodes,
    balancerUrl: system.balancerUrl,
    host: target?.host,
    headers: target?.headers ?? {},
    login: target?.login,
    passcode: target?.passcode,
    groups: scenario.clients.map(groupOf),
    warmupMs: scenario.warmupMs,
    durationMs: scenario.durationMs,
    fenceTimeoutMs: scenario.fenceTimeoutMs,
    connectTimeoutMs: 10_000,
  };
}
