import { nearest } from '../core/nearest.js';
import { formatDuration, parseDuration } from '../core/quantity.js';
import { type StepVerb, stepVerbs } from './names.js';
import type { Path, Problem } from './problem.js';
import { quote } from './quote.js';
import { asList, asMap, asTexts, type RawMap } from './raw.js';

const defaultNodes = 3;
/** What is done to a link, which a process has also to a broker that the run did not start. */
const linkVerbs: readonly StepVerb[] = ['cut', 'mend'];

/** What is wrong with the steps: times outside the load, no verb or several, processes that do not exist. */
export function stepProblems(raw: RawMap): Problem[] {
  const durationMs = typeof raw['duration'] === 'string' ? parseDuration(raw['duration']) : undefined;
  const known = processNames(raw);
  return asList(raw['steps']).flatMap((value, index) => {
    const step = asMap(value);
    const path: Path = ['steps', index];
    if (raw['target'] !== undefined) {
      return [{ path, at: 'value', message: 'steps need a cluster that is started here; a target is left alone' }];
    }
    return [
      ...timeProblems(step, path, durationMs),
      ...verbProblems(step, path),
      ...nameProblems(step, path, known),
      ...linkProblems(step, path, asMap(raw['cluster'])['broker'] ?? 'embedded'),
    ];
  });
}

/** The processes of the cluster that can be named; undefined when the cluster itself is not understood. */
function processNames(raw: RawMap): readonly string[] | undefined {
  const cluster = asMap(raw['cluster']);
  const nodes = cluster['nodes'] ?? defaultNodes;
  if (typeof nodes !== 'number' || !(nodes >= 1 && nodes <= 32)) return undefined;
  const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
  // Only processes that the run starts itself can be harmed by it.
  if ((cluster['broker'] ?? 'embedded') === 'embedded') names.push('broker');
  if (asMap(cluster['balancer'])['kind'] !== 'none') names.push('balancer');
  return names;
}

function timeProblems(step: RawMap, path: Path, durationMs: number | undefined): Problem[] {
  const atMs = typeof step['at'] === 'string' ? parseDuration(step['at']) : undefined;
  if (atMs === undefined || durationMs === undefined || atMs < durationMs) return [];
  const message = `${quote(step['at'])} is not within the load, which ends after ${formatDuration(durationMs)}`;
  return [{ path: [...path, 'at'], at: 'value', message }];
}

function verbProblems(step: RawMap, path: Path): Problem[] {
  const verbs = stepVerbs.filter((verb) => step[verb] !== undefined);
  const problems: Problem[] = [];
  const mistyped = Object.keys(step).some((key) => nearest(key, stepVerbs) !== undefined && !(key in asVerbs));
  // A mistyped verb is told as an unknown key already.
  if (verbs.length === 0 && !mistyped) {
    problems.push({ path, at: 'value', message: `a step needs one of ${stepVerbs.join(', ')}` });
  }
  if (verbs.length > 1) {
    problems.push({ path, at: 'value', message: `a step does one thing; this one has ${verbs.join(' and ')}` });
  }
  if (step['signal'] !== undefined && step['kill'] === undefined) {
    problems.push({ path: [...path, 'signal'], at: 'key', message: 'signal belongs to kill' });
  }
  if (step['for'] !== undefined && step['pause'] === undefined && step['cut'] === undefined) {
    problems.push({ path: [...path, 'for'], at: 'key', message: 'for belongs to pause and cut' });
  }
  return problems;
}

const asVerbs: Readonly<Record<string, true>> = Object.fromEntries(stepVerbs.map((verb) => [verb, true]));

/** A link is cut in a proxy of ours, which TLS would not accept as the broker; the simple broker has none. */
function linkProblems(step: RawMap, path: Path, broker: unknown): Problem[] {
  const verb = linkVerbs.find((each) => step[each] !== undefined);
  if (verb === undefined || typeof broker !== 'string') return [];
  const at = { path: [...path, verb], at: 'value' } as const;
  if (broker === 'simple') return [{ ...at, message: 'the broker "simple" has no link that could be cut' }];
  if (!/^(rediss|amqps|stomps):/i.test(broker)) return [];
  return [{ ...at, message: 'a link with TLS cannot be cut; use a URL of the broker without TLS' }];
}

function nameProblems(step: RawMap, path: Path, known: readonly string[] | undefined): Problem[] {
  if (known === undefined) return [];
  return stepVerbs.flatMap((verb) => {
    const among = linkVerbs.includes(verb) ? [...known.filter((name) => /^node-/.test(name)), 'broker'] : known;
    const value = step[verb];
    return asTexts(value).flatMap((name, index): Problem[] => {
      const isChoice = !Array.isArray(value) && (name === 'all' || name === 'random');
      if (isChoice || among.includes(name)) return [];
      const where = Array.isArray(value) ? [...path, verb, index] : [...path, verb];
      return [{ path: where, at: 'value', message: `no process is called ${quote(name)}; ${meant(name, among)}` }];
    });
  });
}

function meant(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  // node-9 is one edit from every other node; the bounds of the names help more than a guess.
  if (near !== undefined && !/^node-\d+$/.test(name)) return `did you mean "${near}"?`;
  const nodes = known.filter((one) => one.startsWith('node-'));
  const others = known.filter((one) => !one.startsWith('node-'));
  const range = nodes.length > 1 ? `${nodes[0]} to ${nodes.at(-1)}` : (nodes[0] ?? '');
  return `there are ${[range, ...others].join(', ')}; or all, or random`;
}
