import { messageOf } from '../core/errors.js';
import { assembleScenario } from './assemble.js';
import { checkScenario } from './check.js';
import { lineAt, locate, openDocument, type ScenarioDocument } from './document.js';
import { fileIssue, type Issue } from './issue.js';
import { applyOverride } from './override.js';
import type { Problem } from './problem.js';
import { asMap } from './raw.js';
import type { Scenario } from './scenario.js';
import { scenarioSchema } from './schema.js';
import { schemaProblems } from './schema-problem.js';

export type ParsedScenario =
  | { readonly type: 'scenario'; readonly scenario: Scenario }
  | { readonly type: 'issues'; readonly issues: readonly Issue[] };

/** Nobody reads more at once; the rest shows after these are mended. */
const maxIssues = 50;

/**
 * Reads a scenario from the text of a file, YAML or JSON.
 * @param file its name in messages
 * @param overrides values of `--set`, each `path=value`, carried out in order before the checks
 * @returns the scenario, or every mistake in it; never throws, whatever the text
 */
export function parseScenario(text: string, file: string, overrides: readonly string[] = []): ParsedScenario {
  try {
    return parse(text, file, overrides);
  } catch (thrown) {
    // Aliases that multiply, or nesting that exhausts the stack: the file is at fault, not the program.
    const message = `the file cannot be read: ${messageOf(thrown)}`;
    return { type: 'issues', issues: [fileIssue(file, [], 0, 0, message)] };
  }
}

function parse(text: string, file: string, overrides: readonly string[]): ParsedScenario {
  const opened = openDocument(text, file);
  if (opened.type === 'issues') return opened;
  const { document } = opened;
  const refused = overrides.map((override) => applyOverride(document, override)).filter((issue) => issue !== undefined);
  const raw: unknown = document.yaml.toJS({ maxAliasCount: 50 });
  const result = scenarioSchema.safeParse(raw, { reportInput: true });
  const problems = [...schemaProblems(scenarioSchema, result.error?.issues ?? []), ...checkScenario(asMap(raw))];
  const issues = [...refused, ...inOrder(document, problems)];
  if (result.data === undefined || issues.length > 0) return { type: 'issues', issues: issues.slice(0, maxIssues) };
  return { type: 'scenario', scenario: assembleScenario(result.data, (path) => lineAt(document, path)) };
}

/** From the command line first, then from the top of the file to its end. */
function inOrder(document: ScenarioDocument, problems: readonly Problem[]): Issue[] {
  const rank = (issue: Issue): number => (issue.type === 'override' ? -1 : issue.line * 1_000_000 + issue.column);
  return problems.map((problem) => locate(document, problem)).sort((a, b) => rank(a) - rank(b));
}
