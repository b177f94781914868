import type { Injection } from '../faults/fault.js';
import { faultOf } from '../faults/registry.js';
import type { Account, FaultAccount, FaultFact } from '../record/account.js';
import { measureFigures } from '../record/figures.js';
import { type Plan, unknownNode } from '../record/history.js';
import type { Interval } from '../record/interval.js';
import type { ProcessUsage } from '../record/process-usage.js';
import {
  type FaultReport,
  type Generator,
  type Manifest,
  type Result,
  resultSchema,
  type ThresholdReport,
} from '../record/result.js';
import type { Contract, Scenario } from './scenario.js';

/** Faults begun within this time, such as those of one step, are one event: none of them ends the window of another. */
const togetherMicros = 1_000_000;

/** The injections that can have cost deliveries, as the ledger takes them. */
export function faultFactsOf(injections: readonly Injection[], plan: Plan, endMicros: number): FaultFact[] {
  const disturbing = injections.filter((injection) => injection.disturbs);
  return disturbing.map(({ type, name, atMicros, killed, observedAtMicros }) => {
    const later = disturbing.map((each) => each.atMicros).filter((each) => each > atMicros + togetherMicros);
    return {
      // A group of clients may bear the name of a node.
      node: faultOf(type).target === 'group' ? unknownNode : plan.nodes.indexOf(name),
      atMicros,
      killed,
      goneAtMicros: observedAtMicros ?? atMicros,
      untilMicros: Math.min(endMicros, ...later),
    };
  });
}

/** When a fault was over: most are once they have happened, but some last until something ends them. */
function overAtMicros(injection: Injection, all: readonly Injection[]): number {
  const { name, endedBy, atMicros, observedAtMicros } = injection;
  if (endedBy.length === 0) return observedAtMicros ?? atMicros;
  // The end that another one had at its time ends that one alone.
  const isEndedBy = ({ type, ends = atMicros }: Injection): boolean => endedBy.includes(type) && ends === atMicros;
  // The links of all nodes are also called the broker's.
  const names = faultOf(injection.type).target.endsWith('link') ? [name, 'broker'] : [name];
  const endings = all.filter((each) => each.atMicros > atMicros && isEndedBy(each) && names.includes(each.name));
  return Math.min(Number.POSITIVE_INFINITY, ...endings.map((each) => each.observedAtMicros ?? each.atMicros));
}

/** From a fault until its effects have settled, for the contracts that excuse faults. */
export function excusedBy(contract: Contract, injections: readonly Injection[], settleMs: number): Interval[] {
  if (contract === 'at-least-once' || contract === 'custom') return [];
  return injections.map((injection) => ({
    fromMicros: injection.atMicros,
    toMicros: overAtMicros(injection, injections) + settleMs * 1000,
  }));
}

/** Joins what was done with what the ledger found; only disturbing faults have an account. */
export function faultReports(
  injections: readonly Injection[],
  accounts: readonly FaultAccount[],
  loadStartMicros: number,
): FaultReport[] {
  let next = 0;
  return injections.map((injection) => {
    const account = injection.disturbs ? accounts[next++] : undefined;
    return {
      type: injection.type,
      node: injection.name,
      atMs: (injection.atMicros - loadStartMicros) / 1000,
      observed: injection.observedAtMicros !== undefined,
      observedMs:
        injection.observedAtMicros === undefined ? null : (injection.observedAtMicros - injection.atMicros) / 1000,
      droppedClients: account?.droppedClients ?? 0,
      noticedMs: account?.noticedMs ?? null,
      connectedMs: account?.connectedMs ?? null,
      recoveredMs: account?.recoveredMs ?? null,
      firstMessageMs: account?.firstMessageMs ?? null,
      readyMs: injection.readyMs,
      missing: account?.missing ?? 0,
      peakConnectsPerSecond: account?.peakConnectsPerSecond ?? 0,
    };
  });
}

/** Names for the indices of a plan. */
export function clientName(scenario: Scenario, client: number): string {
  let first = 0;
  for (const group of scenario.clients) {
    if (client < first + group.count) return `${group.name}-${client - first + 1}`;
    first += group.count;
  }
  return `client-${client + 1}`;
}

export interface ResultParts {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly account: Account;
  readonly faults: readonly FaultReport[];
  readonly generator: Generator;
  readonly processes: readonly ProcessUsage[];
  readonly thresholds: readonly ThresholdReport[];
  readonly verdict: Result['verdict'];
  readonly reasons: readonly string[];
  readonly partial: boolean;
  readonly seed: number;
  readonly loadStartMicros: number;
  readonly manifest: Manifest;
}

/** Puts `result.json` together; nothing is computed here that the account does not say. */
export function assembleResult(parts: ResultParts): Result {
  const { scenario, plan, account, loadStartMicros } = parts;
  return {
    schema: resultSchema,
    name: scenario.name,
    verdict: parts.verdict,
    reasons: parts.reasons,
    partial: parts.partial,
    seed: parts.seed,
    contract: scenario.contract,
    delivery: account.delivery,
    missingByCause: account.missingByCause,
    inferredByCause: account.inferredByCause,
    absentByCause: account.absentByCause,
    missingExamples: account.missingExamples.slice(0, 100).map((pair) => ({
      cause: pair.cause,
      inferred: pair.inferred,
      publisher: clientName(scenario, pair.publisher),
      subscriber: clientName(scenario, pair.subscriber),
      destination: plan.destinations[pair.destination] ?? '',
      epoch: pair.epoch,
      sequence: pair.sequence,
      atMs: (pair.atMicros - loadStartMicros) / 1000,
    })),
    gaps: account.gaps.map((gap) => ({
      client: clientName(scenario, gap.client),
      node: plan.nodes[gap.node] ?? 'unknown',
      outageMs: gap.outageMs,
      messages: gap.messages,
    })),
    silences: account.silences.examples.map((silence) => ({
      client: clientName(scenario, silence.client),
      node: plan.nodes[silence.node] ?? 'unknown',
      destination: plan.destinations[silence.destination] ?? '',
      kind: silence.kind,
      sinceMs: (silence.sinceMicros - loadStartMicros) / 1000,
      untilMs: silence.untilMicros === undefined ? null : (silence.untilMicros - loadStartMicros) / 1000,
    })),
    unexpectedByReason: account.unexpectedByReason,
    latency: account.latency,
    reconnect: account.reconnect,
    httpSessions: account.httpSessions,
    reach: account.reach,
    faults: parts.faults,
    generator: parts.generator,
    ...(account.clock.doubtMs > 0 ? { clock: account.clock } : {}),
    thresholds: parts.thresholds,
    figures: measureFigures(account),
    processes: parts.processes,
    manifest: parts.manifest,
  };
}
