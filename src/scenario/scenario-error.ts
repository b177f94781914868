import { AppError } from '../core/errors.js';
import { formatIssue, type Issue } from './issue.js';

/** All mistakes of a scenario as one error for people. */
export function scenarioError(file: string, issues: readonly Issue[]): AppError {
  const counted = issues.length === 1 ? 'a mistake' : `${issues.length} mistakes`;
  const lines = issues.map(formatIssue).join('\n');
  return new AppError('scenario-invalid', `the scenario ${file} has ${counted}\n${lines}`, {
    hint: 'Nothing was started.',
  });
}
