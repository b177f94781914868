import { isAlias, isMap, isNode, isScalar, isSeq, type Node, parseDocument, visit, YAMLMap, YAMLSeq } from 'yaml';
import { messageOf } from '../core/errors.js';
import { faults } from '../faults/registry.js';
import { maxFileBytes, type ScenarioDocument } from './document.js';
import type { Issue } from './issue.js';
import { formatPath, type Path } from './problem.js';
import { quote } from './quote.js';

/**
 * Carries out one `--set path=value` in the document, before it is checked, so that every value, from
 * the file or from the command line, is judged by the same rules. The value is read as YAML; `null` takes a key out of
 * its map, so that its default holds.
 * @returns what is wrong with the path or the value; undefined when it was set
 */
export function applyOverride(document: ScenarioDocument, override: string): Issue | undefined {
  const refuse = (message: string): Issue => ({ type: 'override', override, message });
  const parsed = parsePath(override);
  if (parsed === undefined) return refuse('write path=value, such as clients[0].count=50');
  const value = parseValue(override.slice(parsed.length + 1));
  if (typeof value === 'string') return refuse(value);
  const path = ofOneStep(document, parsed.path);
  if (typeof path === 'string') return refuse(path);
  const problem = put(document, path, value, override);
  if (problem !== undefined) return refuse(problem);
  document.overrides.set(value, override);
  return undefined;
}

/** What a step is known by. */
const stepWords: readonly string[] = [...faults.map(({ verb }) => verb), 'chaos'];

const stepPattern = /\.?([A-Za-z_$][\w$-]*)|\[(\d{1,6})\]|\[(?:"([^"]*)"|'([^']*)')\]/y;

/** Splits `a.b[0]["c.d"]=…`; undefined when it is no path followed by `=`. */
function parsePath(text: string): { readonly path: Path; readonly length: number } | undefined {
  const path: (string | number)[] = [];
  let length = 0;
  while (text[length] !== '=') {
    stepPattern.lastIndex = length;
    const match = stepPattern.exec(text);
    if (match === null) return undefined;
    const [whole, plain, index, double, single] = match;
    // A dot separates two keys: none before the first, one before every other.
    if (plain !== undefined && whole.startsWith('.') !== path.length > 0) return undefined;
    path.push(index === undefined ? (plain ?? double ?? single ?? '') : Number(index));
    length += whole.length;
  }
  return path.length === 0 ? undefined : { path: joinMetric(path), length };
}

/**
 * A path that begins with what a step does leads to the one step that does it: `kill.every` is `steps[2].every`, and
 * `kill` alone `steps[2].kill`.
 * @returns what is wrong when no step does it, or several do
 */
function ofOneStep(document: ScenarioDocument, path: Path): Path | string {
  const [verb, ...rest] = path;
  if (typeof verb !== 'string' || !stepWords.includes(verb)) return path;
  const steps = isMap(document.yaml.contents) ? document.yaml.contents.get('steps') : undefined;
  const items = isSeq(steps) ? steps.items : [];
  const found = items.flatMap((item, index) => {
    const step = isAlias(item) ? item.resolve(document.yaml) : item;
    return isMap(step) && step.has(verb) ? [index] : [];
  });
  const [index] = found;
  // A chaos is a map of its own; of a verb that stands alone the value is what is meant.
  const inStep = rest.length === 0 || verb === 'chaos' ? path : rest;
  if (index === undefined) return `no step has ${quote(verb)}`;
  if (found.length === 1) return ['steps', index, ...inStep];
  const each = found.map((one) => formatPath(['steps', one, ...inStep]));
  return `${found.length} steps have ${quote(verb)}; write ${each.join(' or ')}`;
}

/** Names of metrics contain dots; `thresholds.delivery.missing[0]` is what people write. */
function joinMetric(path: Path): Path {
  if (path[0] !== 'thresholds') return path;
  const end = path.findIndex((step) => typeof step === 'number');
  const metric = path.slice(1, end === -1 ? undefined : end);
  return metric.length < 2 ? path : ['thresholds', metric.join('.'), ...(end === -1 ? [] : path.slice(end))];
}

function parseValue(text: string): Node | string {
  if (text.length > maxFileBytes) return 'the value is too long';
  try {
    const yaml = parseDocument(text, { prettyErrors: false, merge: false, logLevel: 'error' });
    const [error] = [...yaml.errors, ...yaml.warnings];
    if (error !== undefined) return `the value is not valid YAML: ${error.message}`;
    return yaml.contents ?? yaml.createNode(null);
  } catch (thrown) {
    return `the value is not valid YAML: ${messageOf(thrown)}`;
  }
}

/** Sets a value and makes what is missing on the way; lists grow by one entry at most. */
function put(document: ScenarioDocument, path: Path, value: Node, override: string): string | undefined {
  let container = document.yaml.contents as Node;
  for (const [depth, step] of path.entries()) {
    const here = path.slice(0, depth);
    const isLast = depth === path.length - 1;
    const misfit = misfitOf(container, step, here, isLast);
    if (misfit !== undefined) return misfit;
    if (!isMap(container) && !isSeq(container)) return undefined;
    if (isLast) {
      if (isMap(container) && isWrittenNull(value)) container.delete(step);
      else container.set(step, value);
      return undefined;
    }
    container = enter(document, container, step, path[depth + 1], override);
  }
  return undefined;
}

/** The value at one step of the way; made, and marked as the command line's, where there is none. */
function enter(
  document: ScenarioDocument,
  container: YAMLMap | YAMLSeq,
  step: string | number,
  after: string | number | undefined,
  override: string,
): Node {
  const next: unknown = container.get(step, true);
  if (isNode(next) && !isAlias(next) && !isEmpty(next)) return next;
  // Changing what an alias stands for would change every place that uses it.
  const copy = isAlias(next) ? copyOf(next.resolve(document.yaml)) : undefined;
  const made = copy ?? (typeof after === 'number' ? new YAMLSeq() : new YAMLMap());
  if (copy === undefined) document.overrides.set(made, override);
  container.set(step, made);
  return made;
}

function misfitOf(container: Node, step: string | number, here: Path, isLast: boolean): string | undefined {
  const place = formatPath(here) || 'the scenario';
  if (typeof step === 'string') return isMap(container) ? undefined : `${place} is not a map; it has no ${quote(step)}`;
  if (!isSeq(container)) return `${place} is not a list; it has no [${step}]`;
  const count = container.items.length;
  if (step < count || (isLast && step === count)) return undefined;
  const counted = count === 1 ? 'there is 1 entry' : `there are ${count} entries`;
  const cure = count === 0 ? '' : ` ([0]${count === 1 ? '' : ` to [${count - 1}]`})`;
  return `${counted} in ${place}${cure}; only [${count}] could be added, as a whole`;
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

/** Whether it says `null`; nothing at all, as in `--set duration=`, is a mistake. */
function isWrittenNull(node: Node): boolean {
  return isEmpty(node) && isScalar(node) && node.source !== undefined;
}

function copyOf(node: Node | undefined): Node | undefined {
  const copy = node?.clone() as Node | undefined;
  // Two nodes with one anchor would make later aliases stand for the copy.
  if (copy !== undefined) visit(copy, { Value: (_, value) => void delete value.anchor });
  return copy;
}
