import { type Document, isAlias, isMap, isNode, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';
import { messageOf } from '../core/errors.js';
import { fileIssue, type Issue } from './issue.js';
import { isSecretPath, type Path, type Problem } from './problem.js';

/** Larger files are refused unread: checking a map for repeated keys takes time in the square of its size. */
export const maxFileBytes = 64 * 1024;
const maxNodes = 2_000;

/** A scenario file as YAML (or JSON, which is YAML), with the place of everything in it. */
export interface ScenarioDocument {
  readonly file: string;
  readonly lines: readonly string[];
  readonly yaml: Document.Parsed;
  readonly counter: LineCounter;
  /** Values that came from the command line and not from the file, with the words of the command line. */
  readonly overrides: Map<Node, string>;
}

export type OpenedDocument =
  | { readonly type: 'document'; readonly document: ScenarioDocument }
  | { readonly type: 'issues'; readonly issues: readonly Issue[] };

/** Reads the text of a file; syntax errors, repeated keys and oversized files become issues. Never throws. */
export function openDocument(text: string, file: string): OpenedDocument {
  const refuse = (message: string): OpenedDocument => ({
    type: 'issues',
    issues: [fileIssue(file, [], 0, 0, message)],
  });
  if (Buffer.byteLength(text) > maxFileBytes) return refuse(`the file is larger than ${maxFileBytes} bytes`);
  const lines = text.split(/\r?\n/);
  const counter = new LineCounter();
  let yaml: Document.Parsed;
  try {
    yaml = parseDocument(text, { lineCounter: counter, prettyErrors: false, merge: false, logLevel: 'error' });
  } catch (thrown) {
    // The parser also throws plain errors, such as a stack that overflows.
    return refuse(`the file cannot be read: ${messageOf(thrown)}`);
  }
  const document: ScenarioDocument = { file, lines, yaml, counter, overrides: new Map() };
  const all = [...yaml.errors, ...yaml.warnings];
  // What was opened too deeply to be followed is also never closed; each of these would be told as a mistake.
  const tooDeep = all.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  const found = tooDeep === undefined ? all.slice(0, 20) : [tooDeep];
  if (found.length > 0) {
    const issues = found.map((error) => issueAt(document, error.pos[0], syntaxMessage(error.code, error.message)));
    return { type: 'issues', issues };
  }
  if (yaml.contents === null) return refuse('the file is empty; cluster-chat init writes a scenario to begin with');
  const beyond = nodeBeyond(yaml, maxNodes);
  if (beyond === undefined) return { type: 'document', document };
  const issue = issueAt(document, beyond.range?.[0] ?? 0, `the file has more than ${maxNodes} values`);
  return { type: 'issues', issues: [issue] };
}

function syntaxMessage(code: string, message: string): string {
  if (code === 'RESOURCE_EXHAUSTION') return 'this is nested too deeply';
  return code === 'DUPLICATE_KEY'
    ? 'this key stands here twice'
    : message.replace(/\s+/g, ' ').replace(/ at line .*$/, '');
}

/** The first node after so many, if there is one. */
function nodeBeyond(yaml: Document.Parsed, count: number): Node | undefined {
  let seen = 0;
  let beyond: Node | undefined;
  visit(yaml, {
    Node(_key, node) {
      seen += 1;
      if (seen <= count) return undefined;
      beyond = node;
      return visit.BREAK;
    },
  });
  return beyond;
}

/** An issue at an offset of the file. */
function issueAt(document: ScenarioDocument, offset: number, message: string): Issue {
  const { line, col } = document.counter.linePos(offset);
  // What the parser misses it looks for on the lines that follow, and counts on from this one.
  const lastColumn = (document.lines[line - 1]?.length ?? 0) + 1;
  return fileIssue(document.file, document.lines, line, Math.min(col, lastColumn), message);
}

/** What a path leads to. */
export interface Found {
  readonly node: Node | undefined;
  /** The key in front of it; undefined for an entry of a list. */
  readonly key: Node | undefined;
  /** Set when it came from the command line. */
  readonly override: string | undefined;
}

/**
 * The YAML node at a path, or the nearest one around it: a key that is missing is reported at the map
 * that lacks it.
 */
export function findNode(document: ScenarioDocument, path: Path): Found {
  const { yaml, overrides } = document;
  let node: Node | undefined = yaml.contents ?? undefined;
  let key: Node | undefined;
  let override: string | undefined;
  for (const step of path) {
    const container: Node | undefined = isAlias(node) ? node.resolve(yaml) : node;
    if (isMap(container)) {
      const pair = container.items.find((item) => String(item.key) === String(step));
      if (pair === undefined) break;
      key = isNode(pair.key) ? pair.key : undefined;
      // A key without a value has no node of its own; the key stands for it.
      node = isNode(pair.value) ? pair.value : (key ?? node);
    } else if (isSeq(container)) {
      const item = container.items[Number(step)];
      if (!isNode(item)) break;
      key = undefined;
      node = item;
    } else break;
    override = (node === undefined ? undefined : overrides.get(node)) ?? override;
  }
  return { node, key, override };
}

/** Gives a problem its place. */
export function locate(document: ScenarioDocument, problem: Problem): Issue {
  const { node, key, override } = findNode(document, problem.path);
  if (override !== undefined) return { type: 'override', override, message: problem.message };
  const offset = (problem.at === 'key' ? (key ?? node) : node)?.range?.[0] ?? 0;
  const issue = issueAt(document, offset, problem.message);
  if (issue.type !== 'file' || problem.at === 'key' || !isSecretPath(problem.path)) return issue;
  return { ...issue, source: `${issue.source.slice(0, issue.column - 1)}***` };
}

/** The line of what a path leads to; null when it came from the command line. */
export function lineAt(document: ScenarioDocument, path: Path): number | null {
  const { node, override } = findNode(document, path);
  if (override !== undefined || node?.range == null) return null;
  return document.counter.linePos(node.range[0]).line;
}
