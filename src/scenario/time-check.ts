import { suggestion } from '../core/nearest.js';
import { formatDuration, parseDuration } from '../core/quantity.js';
import type { Fault } from '../faults/fault.js';
import { faults } from '../faults/registry.js';
import type { Path, Problem } from './problem.js';
import { quote } from './quote.js';
import { asList, asMap, type RawMap } from './raw.js';

const timeKeys = ['at', 'every', 'after'] as const;

/** What is wrong with when a step happens. */
export function timeProblems(raw: RawMap, index: number): Problem[] {
  const step = asMap(asList(raw['steps'])[index]);
  const path: Path = ['steps', index];
  return [
    ...presenceProblems(step, path),
    ...atProblems(raw, step, path),
    ...everyProblems(step, path),
    ...afterProblems(raw, index, path),
    ...nameProblems(raw, index, path),
    ...chaosProblems(raw, step, path),
  ];
}

function presenceProblems(step: RawMap, path: Path): Problem[] {
  const said = timeKeys.filter((key) => step[key] !== undefined);
  const [, second] = said;
  if (step['chaos'] !== undefined) {
    const strange = said.filter((key) => key !== 'at');
    return strange.map((key) => ({ path: [...path, key], at: 'key', message: `chaos has its own times; no ${key}` }));
  }
  if (said.length === 0) return [{ path, at: 'value', message: 'a step needs a time: at, every or after' }];
  if (second === undefined || !said.includes('after')) return [];
  return [{ path: [...path, 'after'], at: 'key', message: `a step has one time; this one has ${said.join(' and ')}` }];
}

function atProblems(raw: RawMap, step: RawMap, path: Path): Problem[] {
  const [atMs, durationMs] = [durationOf(step['at']), durationOf(raw['duration'])];
  if (atMs === undefined || durationMs === undefined || atMs < durationMs) return [];
  const message = `${quote(step['at'])} is not within the load, which ends after ${formatDuration(durationMs)}`;
  return [{ path: [...path, 'at'], at: 'value', message }];
}

/** What comes again must end before: nothing can die that is dead. */
function everyProblems(step: RawMap, path: Path): Problem[] {
  const everyMs = durationOf(step['every']);
  if (everyMs === undefined) return [];
  const problems = faults.flatMap((fault) => endProblems(fault, step, path, 'every'));
  for (const key of ['for', 'jitter']) {
    const ms = durationOf(step[key]);
    if (ms === undefined || ms < everyMs || (key === 'jitter' && step['latency'] !== undefined)) continue;
    const message = `${quote(step[key])} is not shorter than every, ${quote(step['every'])}`;
    problems.push({ path: [...path, key], at: 'value', message });
  }
  return problems;
}

/** Whether a fault goes on, or leaves something down, until it is ended. */
function needsEnd(fault: Fault, step: RawMap): boolean {
  if (fault.target === 'command') return step['undo'] !== undefined;
  return fault.endedBy !== undefined || fault.broughtBackBy !== undefined;
}

function endProblems(fault: Fault, step: RawMap, path: Path, within: 'every' | 'chaos'): Problem[] {
  const { verb } = fault;
  if (step[verb] === undefined || step['for'] !== undefined || !needsEnd(fault, step)) return [];
  const why = fault.broughtBackBy === undefined ? 'how long it lasts' : 'after how long it starts again';
  return [{ path: [...path, verb], at: 'key', message: `${verb} within ${within} needs for: ${why}` }];
}

function afterProblems(raw: RawMap, index: number, path: Path): Problem[] {
  const steps = asList(raw['steps']).map(asMap);
  const after = steps[index]?.['after'];
  if (after === undefined) return [];
  const said = (['fault', 'recovered'] as const).filter((key) => asMap(after)[key] !== undefined);
  const [event] = said;
  if (event === undefined || said.length > 1) {
    return [{ path: [...path, 'after'], at: 'value', message: 'after needs one of fault and recovered' }];
  }
  const wanted = asMap(after)[event];
  const message = typeof wanted === 'string' ? referenceProblem(steps, index, wanted) : undefined;
  return message === undefined ? [] : [{ path: [...path, 'after', event], at: 'value', message }];
}

function referenceProblem(steps: readonly RawMap[], index: number, wanted: string): string | undefined {
  const found = stepsCalled(steps.slice(0, index), wanted);
  if (found.length === 1) return undefined;
  if (found.length > 1) return `several earlier steps ${wanted}; give the one that is meant a name`;
  if (stepsCalled(steps, wanted).length > 0) return `${quote(wanted)} is no earlier step; it stands below`;
  const names = steps.slice(0, index).flatMap(callNames);
  if (names.length === 0) return `there is no earlier step ${quote(wanted)}`;
  return `there is no earlier step ${quote(wanted)}; ${suggestion(wanted, [...new Set(names)])}`;
}

/** By what a step is known to others: its name and its verb. */
function callNames(step: RawMap): string[] {
  const name = step['chaos'] === undefined && typeof step['name'] === 'string' ? [step['name']] : [];
  return [...name, ...faults.map(({ verb }) => verb).filter((verb) => step[verb] !== undefined)];
}

/** Indexes of the steps that a name or verb means; a name goes before a verb. */
export function stepsCalled(steps: readonly RawMap[], wanted: string): number[] {
  return steps.flatMap((step, index) => (callNames(step).includes(wanted) ? [index] : []));
}

function nameProblems(raw: RawMap, index: number, path: Path): Problem[] {
  const steps = asList(raw['steps']).map(asMap);
  const name = steps[index]?.['name'];
  if (typeof name !== 'string') return [];
  const problem = (message: string): Problem[] => [{ path: [...path, 'name'], at: 'value', message }];
  if (faults.some(({ verb }) => verb === name)) return problem(`${quote(name)} is a verb; give the step another name`);
  const isTaken = steps.slice(0, index).some((step) => step['name'] === name);
  return isTaken ? problem(`an earlier step is called ${quote(name)} too`) : [];
}

function chaosProblems(raw: RawMap, step: RawMap, path: Path): Problem[] {
  const chaos = asMap(step['chaos']);
  const entries = asList(chaos['faults']).map(asMap);
  const problems = entries.flatMap((entry, index) => {
    const where = [...path, 'chaos', 'faults', index];
    const harmless = faults.filter(({ verb, disturbs }) => entry[verb] !== undefined && !disturbs);
    const strange = harmless.map(({ verb }): Problem => {
      return { path: [...where, verb], at: 'key', message: `${verb} harms nothing; for ends what chaos does` };
    });
    return [...strange, ...faults.flatMap((fault) => endProblems(fault, entry, where, 'chaos'))];
  });
  return [...problems, ...roomProblems(raw, step, path, entries)];
}

/** Whether so many faults fit into the load. */
function roomProblems(raw: RawMap, step: RawMap, path: Path, entries: readonly RawMap[]): Problem[] {
  const { budget, gap, atOnce = 1 } = asMap(step['chaos']);
  const durationMs = durationOf(raw['duration']);
  if (durationMs === undefined || typeof budget !== 'number' || typeof atOnce !== 'number') return [];
  const longestMs = Math.max(0, ...entries.map((entry) => durationOf(entry['for']) ?? 0));
  const apartMs = Math.max(durationOf(gap) ?? 0, longestMs / atOnce);
  const roomMs = durationMs - (durationOf(step['at']) ?? 0);
  const neededMs = (budget - 1) * apartMs + longestMs;
  if (neededMs < roomMs) return [];
  const message = `${budget} faults take ${formatDuration(neededMs)} at least; the load leaves ${formatDuration(roomMs)}`;
  return [{ path: [...path, 'chaos', 'budget'], at: 'value', message }];
}

function durationOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined;
}
