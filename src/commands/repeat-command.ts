import { redactText } from '../core/redact-text.js';
import type { RunOptions } from './scenario-entries.js';

/** A word as a shell takes it back. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** The command that runs the same again; secrets in it are masked, so that it may be printed. */
export function repeatCommand(
  options: Pick<RunOptions, 'scenario' | 'set' | 'workers' | 'allowExec'>,
  seed: number,
): string {
  const words = [
    'npx cluster-chat run',
    quoted(options.scenario ?? ''),
    ...options.set.map((override) => `--set ${quoted(redactText(override))}`),
    ...(options.workers === undefined ? [] : [`--workers ${options.workers}`]),
    ...(options.allowExec ? ['--allow-exec'] : []),
    `--seed ${seed}`,
  ];
  return words.join(' ');
}
