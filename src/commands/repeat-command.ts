import { redactText } from '../core/redact-text.js';
import { shellWord } from '../core/shell-word.js';
import type { RunOptions } from './scenario-entries.js';

/** The command that runs the same again; secrets in it are masked, so that it may be printed. */
export function repeatCommand(
  options: Pick<RunOptions, 'scenario' | 'set' | 'workers' | 'allowExec'>,
  seed: number,
): string {
  const words = [
    'npx cluster-chat run',
    shellWord(options.scenario ?? ''),
    ...options.set.map((override) => `--set ${shellWord(redactText(override))}`),
    ...(options.workers === undefined ? [] : [`--workers ${options.workers}`]),
    ...(options.allowExec ? ['--allow-exec'] : []),
    `--seed ${seed}`,
  ];
  return words.join(' ');
}
