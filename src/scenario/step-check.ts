import { nearest } from '../core/nearest.js';
import { formatDuration, parseDuration } from '../core/quantity.js';
import type { Fault } from '../faults/fault.js';
import { faults } from '../faults/registry.js';
import type { Path, Problem } from './problem.js';
import { quote } from './quote.js';
import { asList, asMap, asTexts, type RawMap } from './raw.js';
import { type StepTargets, stepTargets } from './step-targets.js';
import { joinWords } from './step-words.js';

const verbs = faults.map(({ verb }) => verb);

/** What is wrong with the steps: times outside the load, no verb or several, processes that do not exist. */
export function stepProblems(raw: RawMap): Problem[] {
  const durationMs = typeof raw['duration'] === 'string' ? parseDuration(raw['duration']) : undefined;
  return asList(raw['steps']).flatMap((value, index) => {
    const step = asMap(value);
    const path: Path = ['steps', index];
    if (raw['target'] !== undefined) {
      return [{ path, at: 'value', message: 'steps need a cluster that is started here; a target is left alone' }];
    }
    return [...timeProblems(step, path, durationMs), ...verbProblems(step, path), ...targetProblems(raw, step, path)];
  });
}

function timeProblems(step: RawMap, path: Path, durationMs: number | undefined): Problem[] {
  const atMs = typeof step['at'] === 'string' ? parseDuration(step['at']) : undefined;
  if (atMs === undefined || durationMs === undefined || atMs < durationMs) return [];
  const message = `${quote(step['at'])} is not within the load, which ends after ${formatDuration(durationMs)}`;
  return [{ path: [...path, 'at'], at: 'value', message }];
}

function verbProblems(step: RawMap, path: Path): Problem[] {
  const said = faults.filter(({ verb }) => step[verb] !== undefined);
  const problems: Problem[] = [];
  const mistyped = Object.keys(step).some((key) => nearest(key, verbs) !== undefined && !verbs.includes(key));
  // A mistyped verb is told as an unknown key already.
  if (said.length === 0 && !mistyped) {
    problems.push({ path, at: 'value', message: `a step needs one of ${verbs.join(', ')}` });
  }
  if (said.length > 1) {
    const each = said.map(({ verb }) => verb).join(' and ');
    problems.push({ path, at: 'value', message: `a step does one thing; this one has ${each}` });
  }
  return [...problems, ...optionProblems(step, path, said)];
}

/** Which faults have each key beside the verbs. */
const owners: ReadonlyMap<string, readonly Fault[]> = new Map(
  [...faults.flatMap(({ options }) => Object.keys(options)), 'for'].map((key) => [
    key,
    faults.filter(({ options, endedBy }) => (key === 'for' ? endedBy !== undefined : Object.hasOwn(options, key))),
  ]),
);

/** Options that belong to another verb, and those that this one cannot do without. */
function optionProblems(step: RawMap, path: Path, said: readonly Fault[]): Problem[] {
  const strange = [...owners].flatMap(([key, having]): Problem[] => {
    if (step[key] === undefined || having.some((fault) => said.includes(fault))) return [];
    const message = `${key} belongs to ${joinWords(
      having.map(({ verb }) => verb),
      'and',
    )}`;
    return [{ path: [...path, key], at: 'key', message }];
  });
  const wanting = said.flatMap(({ verb, options }) =>
    Object.entries(options).flatMap(([key, option]): Problem[] => {
      if (option.default !== undefined || step[key] !== undefined) return [];
      return [{ path: [...path, verb], at: 'key', message: `${verb} needs ${key}` }];
    }),
  );
  return [...strange, ...wanting];
}

/** Names that nothing bears, and targets that the scenario does not have at all. */
function targetProblems(raw: RawMap, step: RawMap, path: Path): Problem[] {
  return faults.flatMap(({ verb, target }): Problem[] => {
    const value = step[verb];
    if (value === undefined) return [];
    const kind = stepTargets[target];
    const unfit = kind.problem(raw, step);
    const absent: Problem[] = unfit === undefined ? [] : [{ path: [...path, verb], at: 'value', message: unfit }];
    return [...nameProblems(raw, value, [...path, verb], kind), ...absent];
  });
}

function nameProblems(raw: RawMap, value: unknown, path: Path, kind: StepTargets): Problem[] {
  const known = kind.names(raw);
  if (known === undefined) return [];
  return asTexts(value).flatMap((name, index): Problem[] => {
    const isChoice = !Array.isArray(value) && kind.choices.some((choice) => choice === name);
    if (isChoice || known.includes(name)) return [];
    const where = Array.isArray(value) ? [...path, index] : path;
    const message = `no ${kind.noun} is called ${quote(name)}; ${meant(name, known, kind.choices)}`;
    return [{ path: where, at: 'value', message }];
  });
}

function meant(name: string, known: readonly string[], choices: readonly string[]): string {
  const near = nearest(name, known);
  // node-9 is one edit from every other node; the bounds of the names help more than a guess.
  if (near !== undefined && !/^node-\d+$/.test(name)) return `did you mean "${near}"?`;
  const nodes = known.filter((one) => /^node-\d+$/.test(one));
  const range = nodes.length > 1 ? [`${nodes[0]} to ${nodes.at(-1)}`] : nodes;
  const others = known.filter((one) => !nodes.includes(one));
  const there = `there are ${[...range, ...others].join(', ')}`;
  return [there, choices.map((choice) => `or ${choice}`).join(', ')].filter((words) => words !== '').join('; ');
}
