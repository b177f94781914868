import type { Fault } from '../faults/fault.js';
import type { OptionValue } from '../faults/option.js';
import { faults, requestOf } from '../faults/registry.js';
import type { Path } from './problem.js';
import type { After, Chaos, Scenario, Step } from './scenario.js';
import type { ScenarioFile } from './schema.js';
import { stepTargets } from './step-targets.js';
import { someCommand } from './step-words.js';
import { stepsCalled } from './time-check.js';

/** The line of a value in the file; null when it came from elsewhere. */
export type LineOf = (path: Path) => number | null;

/** A step as the checked file has it. Its keys come from the faults, and the types of their values with them. */
type Said = Readonly<Record<string, unknown>>;

/** The steps of a file that passed all checks, in order of time. */
export function assembleSteps(file: ScenarioFile, lineOf: LineOf): Pick<Scenario, 'steps' | 'chaos'> {
  const said = file.steps as readonly Said[];
  const draft: Draft[] = [];
  const chaos: Chaos[] = [];
  for (const [index, each] of said.entries()) {
    const line = lineOf(['steps', index]);
    if (each['chaos'] !== undefined) chaos.push(chaosOf(file, each, line));
    else draft.push({ index, step: stepOf(file, each, line), after: afterOf(said, index) });
  }
  // Whatever waits for another stands behind it: it cannot be earlier.
  for (const each of draft) {
    const other = draft.find(({ index }) => index === each.after?.step);
    if (each.after === undefined || other === undefined) continue;
    each.step = { ...each.step, atMs: other.step.atMs + each.after.plusMs };
  }
  draft.sort((a, b) => a.step.atMs - b.step.atMs);
  return { steps: draft.map(({ step, after }) => withAfter(step, after, draft)), chaos };
}

interface Draft {
  readonly index: number;
  step: Step;
  /** With the index that the other step has in the file. */
  readonly after: After | undefined;
}

function withAfter(step: Step, after: After | undefined, sorted: readonly Draft[]): Step {
  if (after === undefined) return step;
  return { ...step, after: { ...after, step: sorted.findIndex(({ index }) => index === after.step) } };
}

function afterOf(said: readonly Said[], index: number): After | undefined {
  const after = said[index]?.['after'] as { fault?: string; recovered?: string; plus: number } | undefined;
  if (after === undefined) return undefined;
  const [step] = stepsCalled(said.slice(0, index), after.fault ?? after.recovered ?? '');
  if (step === undefined) throw new Error('a step that waits for no other passed the checks');
  return { step, event: after.fault === undefined ? 'recovered' : 'fault', plusMs: after.plus };
}

function stepOf(file: ScenarioFile, said: Said, line: number | null): Step {
  const fault = faults.find(({ verb }) => said[verb] !== undefined);
  if (fault === undefined) throw new Error('a step without a verb passed the checks');
  const every = said['every'] as number | undefined;
  const jitter = fault.options['jitter'] === undefined ? (said['jitter'] as number | undefined) : undefined;
  return {
    ...requestOf(fault.verb, said as Readonly<Record<string, OptionValue>>),
    ...(said['name'] === undefined ? {} : { name: said['name'] as string }),
    atMs: (said['at'] as number | undefined) ?? every ?? 0,
    ...(every === undefined ? {} : { every: { intervalMs: every, jitterMs: jitter ?? 0 } }),
    targets: targetsOf(file, fault, said),
    forMs: said['for'] as number | undefined,
    line,
  };
}

function targetsOf(file: ScenarioFile, fault: Fault, said: Said): readonly string[] | 'random' {
  if (fault.target === 'command') return [(said['node'] as string | undefined) ?? someCommand];
  const names = said[fault.verb] as readonly string[];
  if (names[0] === 'random') return 'random';
  return names[0] === 'all' ? stepTargets[fault.target].all(file) : [...new Set(names)];
}

function chaosOf(file: ScenarioFile, said: Said, line: number | null): Chaos {
  const { faults: choices, budget, gap, atOnce } = said['chaos'] as NonNullable<ScenarioFile['steps'][number]['chaos']>;
  return {
    atMs: (said['at'] as number | undefined) ?? 0,
    budget,
    gapMs: gap,
    atOnce,
    faults: (choices as readonly Said[]).map((choice) => stepOf(file, choice, line)),
  };
}
