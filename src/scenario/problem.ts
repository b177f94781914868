import { isSecretName } from '../core/redact.js';

/** A way into a scenario: keys of maps and indexes of lists. */
export type Path = readonly (string | number)[];

/** A mistake, not yet located in the file. */
export interface Problem {
  readonly path: Path;
  /** Whether the key itself is wrong or the value behind it. */
  readonly at: 'key' | 'value';
  readonly message: string;
}

/** A path as people write it, and as `--set` takes it: `clients[0].send.every`. */
export function formatPath(path: Path): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w$-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** Whether a path leads to a value that must not be repeated in messages. HTTP headers may all be secrets. */
export function isSecretPath(path: Path): boolean {
  return path.some((step) => step === 'headers' || isSecretName(String(step)));
}
