import { availableParallelism } from 'node:os';
import { descriptorLimit } from '../core/descriptors.js';
import { randomSeed } from '../core/random.js';
import { parseScenario } from './parse.js';
import { checkDescriptors, clientCount, workerCount } from './preflight.js';
import type { Scenario } from './scenario.js';
import { scenarioError } from './scenario-error.js';
import type { ScenarioSource } from './source.js';

/** A scenario that can be run here: everything that can be refused was looked at. */
export interface PreparedRun {
  readonly scenario: Scenario;
  /** Where it came from. */
  readonly file: string;
  readonly seed: number;
  readonly workers: number;
}

/** What the caller may decide in place of the scenario and the machine. */
export interface RunWishes {
  /** Each `path=value`, in order. */
  readonly set: readonly string[];
  readonly seed: number | undefined;
  readonly workers: number | undefined;
}

/**
 * Everything that can be refused is refused here, before anything is started.
 * @throws AppError `scenario-invalid`, `descriptors`
 */
export function prepareRun({ file, text }: ScenarioSource, wishes: RunWishes): PreparedRun {
  const parsed = parseScenario(text, file, wishes.set);
  if (parsed.type === 'issues') throw scenarioError(file, parsed.issues);
  const { scenario } = parsed;
  const seed = wishes.seed ?? scenario.seed ?? randomSeed();
  const workers = wishes.workers ?? workerCount(clientCount(scenario), availableParallelism(), descriptorLimit());
  checkDescriptors(scenario, workers, descriptorLimit());
  return { scenario, file, seed, workers };
}
