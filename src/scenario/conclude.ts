import type { Plan } from '../record/history.js';
import type { Ledger, Settlement } from '../record/ledger.js';
import type { Manifest, Result } from '../record/result.js';
import { assembleResult, excusedBy, faultFactsOf, faultReports } from './run-result.js';
import type { RunStory } from './run-story.js';
import type { Threshold } from './scenario.js';
import { type Crossed, judgeThresholds } from './thresholds.js';
import { judge } from './verdict.js';

/**
 * Judges a run by its story and its ledger, and by nothing else: whoever has the same events gets the same result.
 * Throws when the story has no beginning, no plan or no end, and AppError `accounting` as the ledger does.
 */
export function concludeRun(story: RunStory, ledger: Ledger): Result {
  const { started, system, injections, generator, endMicros, cutBecause, isDrained } = story;
  if (started === undefined || system === undefined || endMicros === undefined) {
    throw new Error('a run is concluded after its end');
  }
  const { scenario } = started;
  const { plan } = system;
  const loadStartMicros = story.loadStartMicros ?? endMicros;
  const account = ledger.settle(settlementOf(story, plan, endMicros));
  const crossed = crossedOf(story, scenario.thresholds);
  const judged = judgeThresholds(scenario.thresholds, account, generator.saturated, crossed);
  // What is measured of a part can be shown; whether the whole holds nobody knows.
  const isCut = cutBecause !== undefined;
  const thresholds = isCut ? judged.map((each) => ({ ...each, ok: false, inconclusive: true })) : judged;
  const faults = faultReports(injections, account.faults, loadStartMicros);
  const { contract } = scenario;
  return assembleResult({
    ...{ scenario, plan, account, faults, generator, thresholds, loadStartMicros },
    ...judge({ contract, account, thresholds, faults, generator, isDrained, cutBecause }),
    processes: story.usage?.report() ?? [],
    partial: story.isStopped || crossed !== undefined || isCut,
    seed: started.seed,
    manifest: manifestOf(started, system, endMicros - loadStartMicros),
  });
}

/** The end of a run's history, as its ledger wants to know it. */
export function settlementOf(story: RunStory, plan: Plan, endMicros: number): Settlement {
  const { started, injections, testimony } = story;
  if (started === undefined) throw new Error('a run is settled after its beginning');
  const { contract, settleMs } = started.scenario;
  return {
    nowMicros: endMicros,
    faults: faultFactsOf(injections, plan, endMicros),
    excused: excusedBy(contract, injections, settleMs),
    testimony,
  };
}

/**
 * Lets a ledger forget what nothing can change any more, as the story stands.
 * @param faultsToMicros faults that began or ended before this are part of the story
 */
export function forgetSettled(story: RunStory, ledger: Ledger, faultsToMicros: number): void {
  if (story.system === undefined) return;
  ledger.forget(settlementOf(story, story.system.plan, faultsToMicros), faultsToMicros);
}

function crossedOf({ crossed }: RunStory, thresholds: readonly Threshold[]): Crossed | undefined {
  const threshold = crossed === undefined ? undefined : thresholds[crossed.index];
  return crossed === undefined || threshold === undefined ? undefined : { threshold, actual: crossed.actual };
}

function manifestOf(
  started: NonNullable<RunStory['started']>,
  system: NonNullable<RunStory['system']>,
  ranMicros: number,
): Manifest {
  const { scenario, workers, about } = started;
  const { plan, nodes, brokerKind, balancerKind } = system;
  const engines = new Set(scenario.clients.map((group) => group.engine));
  return {
    ...about,
    ...{ brokerKind, balancerKind, nodes, workers },
    clients: plan.clients.length,
    engine: [...engines].join('+'),
    // An early end makes the load shorter, the drain does not make it longer.
    durationMs: Math.max(0, Math.min(scenario.durationMs, Math.round(ranMicros / 1000))),
  };
}
