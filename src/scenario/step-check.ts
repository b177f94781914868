import { nearest } from '../core/nearest.js';
import type { Fault } from '../faults/fault.js';
import { faults } from '../faults/registry.js';
import type { Path, Problem } from './problem.js';
import { quote } from './quote.js';
import { asList, asMap, asTexts, type RawMap } from './raw.js';
import { type StepTargets, stepTargets } from './step-targets.js';
import { joinWords } from './step-words.js';
import { timeProblems } from './time-check.js';

const verbs = faults.map(({ verb }) => verb);

/** What is wrong with the steps: times, no verb or several, processes that do not exist. */
export function stepProblems(raw: RawMap): Problem[] {
  return asList(raw['steps']).flatMap((value, index) => {
    const step = asMap(value);
    const path: Path = ['steps', index];
    const entries = asList(asMap(step['chaos'])['faults']);
    return [
      ...timeProblems(raw, index),
      ...verbProblems(raw, step, path, ['chaos']),
      ...entries.flatMap((fault, entry) => verbProblems(raw, asMap(fault), [...path, 'chaos', 'faults', entry], [])),
    ];
  });
}

/** @param others keys that take the place of a verb */
function verbProblems(raw: RawMap, step: RawMap, path: Path, others: readonly string[]): Problem[] {
  const said = faults.filter(({ verb }) => step[verb] !== undefined);
  const words = [...others.filter((key) => step[key] !== undefined), ...said.map(({ verb }) => verb)];
  const known = [...verbs, ...others];
  const mistyped = Object.keys(step).some((key) => nearest(key, known) !== undefined && !known.includes(key));
  const problem = (message: string): Problem => ({ path, at: 'value', message });
  if (raw['target'] !== undefined && said.some(({ target }) => target !== 'command')) {
    return [problem('steps need a cluster that is started here; to a target only exec can do something')];
  }
  const problems: Problem[] = [];
  // A mistyped verb is told as an unknown key already.
  if (words.length === 0 && !mistyped) problems.push(problem(`a step needs one of ${known.join(', ')}`));
  if (words.length > 1) problems.push(problem(`a step does one thing; this one has ${words.join(' and ')}`));
  return [
    ...problems,
    ...optionProblems(step, path, said),
    ...targetProblems(raw, step, path),
    ...nodeProblems(raw, step, path, said),
  ];
}

/** Options that name a node. */
function nodeProblems(raw: RawMap, step: RawMap, path: Path, said: readonly Fault[]): Problem[] {
  return said.flatMap(({ options }) =>
    Object.entries(options).flatMap(([key, { type }]) =>
      type === 'node' ? nameProblems(raw, step[key], [...path, key], { ...stepTargets.link, choices: [] }) : [],
    ),
  );
}

/** Which faults have each key beside the verbs. */
const owners: ReadonlyMap<string, readonly Fault[]> = new Map(
  [...faults.flatMap(({ options }) => Object.keys(options)), 'for'].map((key) => [
    key,
    faults.filter(({ options, endedBy, broughtBackBy }) =>
      key === 'for' ? endedBy !== undefined || broughtBackBy !== undefined : Object.hasOwn(options, key),
    ),
  ]),
);

/** Options that belong to another verb, and those that this one cannot do without. */
function optionProblems(step: RawMap, path: Path, said: readonly Fault[]): Problem[] {
  const strange = [...owners].flatMap(([key, having]): Problem[] => {
    if (step[key] === undefined || having.some((fault) => said.includes(fault))) return [];
    // A time that comes again can jitter too.
    if (key === 'jitter' && step['every'] !== undefined) return [];
    const message = `${key} belongs to ${joinWords([...having.map(({ verb }) => verb), ...(key === 'jitter' ? ['every'] : [])], 'and')}`;
    return [{ path: [...path, key], at: 'key', message }];
  });
  const wanting = said.flatMap(({ verb, options }) =>
    Object.entries(options).flatMap(([key, option]): Problem[] => {
      if (option.default !== undefined || step[key] !== undefined) return [];
      return [{ path: [...path, verb], at: 'key', message: `${verb} needs ${key}` }];
    }),
  );
  // Only what has a command that undoes it can end.
  const endless = said.some(({ target }) => target === 'command') && step['for'] !== undefined && !step['undo'];
  const unending: Problem[] = endless ? [{ path: [...path, 'for'], at: 'key', message: 'for needs undo' }] : [];
  return [...strange, ...wanting, ...unending];
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
